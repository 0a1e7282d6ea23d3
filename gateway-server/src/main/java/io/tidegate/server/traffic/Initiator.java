package io.tidegate.server.traffic;

import java.util.Locale;

/** Who ended a session. */
public enum Initiator {
    CLIENT,
    UPSTREAM,
    GATEWAY;

    /** The value of the label {@code initiator}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
