package io.tidegate.server.config;

import java.util.Locale;

/** How an upstream picks the endpoint for a new session. */
public enum Balance {
    /** One endpoint after the other. */
    ROUND_ROBIN;

    /** As written in the configuration: {@code round-robin}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
