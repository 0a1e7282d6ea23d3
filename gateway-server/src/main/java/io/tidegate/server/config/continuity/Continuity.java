package io.tidegate.server.config.continuity;

import java.util.Locale;

/** What happens to a session when its upstream leg is lost. */
public enum Continuity {
    /** The client is told: its leg closes with the upstream's code, or 1014 when the upstream vanished without one. */
    CLOSE,
    /** The client leg stays, its messages wait, and a new upstream leg is dialled. */
    RECONNECT;

    /** As written in the configuration: {@code close}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
