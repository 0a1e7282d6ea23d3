package io.tidegate.server.config;

import java.util.Locale;

/** What a line of the log looks like. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One JSON object. */
    JSON;

    /** As written in the configuration: {@code json}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
