package io.tidegate.server.traffic;

import java.util.Locale;

/** Which way a message goes. */
public enum Direction {
    TO_UPSTREAM,
    TO_CLIENT;

    /** The value of the label {@code direction}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
