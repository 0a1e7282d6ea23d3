package io.tidegate.server.config.continuity;

import java.util.Locale;

/** How it is known that an upstream has read a message. */
public enum Confirm {
    /** It isn't: what was written to a leg counts as delivered. */
    NONE,
    /** By the Pong to a Ping that was sent behind it. */
    PING;

    /** As written in the configuration: {@code ping}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
