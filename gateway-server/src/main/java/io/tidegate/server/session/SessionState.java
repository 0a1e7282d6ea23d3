package io.tidegate.server.session;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where a session is in its life.
 *
 * <pre>
 *   DIALLING ──▶ RELAYING ◀──▶ RECONNECTING
 *      │             │              │
 *      │             ▼              ▼
 *      │          CLOSING ◀─────────┤
 *      │             ▼              │
 *      └────────▶ CLOSED ◀──────────┘
 * </pre>
 */
public enum SessionState {
    /** The client waits for its 101 while an upstream leg is dialled. */
    DIALLING,
    /** Both legs are up. */
    RELAYING,
    /** The client leg is up; the upstream leg is lost, and another one is being dialled. */
    RECONNECTING,
    /** The end is settled; what is on its way is flushed, and the peers close. */
    CLOSING,
    /** All connections are closed. */
    CLOSED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Whether a session may go from this state to another one. */
    boolean leadsTo(SessionState next) {
        return switch (this) {
            case DIALLING -> next == RELAYING || next == CLOSED;
            case RELAYING -> Set.of(RECONNECTING, CLOSING, CLOSED).contains(next);
            case RECONNECTING -> Set.of(RELAYING, CLOSING, CLOSED).contains(next);
            case CLOSING -> next == CLOSED;
            case CLOSED -> false;
        };
    }

    /** The labels of all states, in their order. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(SessionState::label).toList();
    }

    /** As metrics and logs name it. */
    public String label() {
        return label;
    }
}
