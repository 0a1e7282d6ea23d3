package io.tidegate.server.upstream.health;

import io.tidegate.server.failure.DialException;
import io.tidegate.server.failure.UnavailableException;
import io.tidegate.server.handshake.RefusedException;

/** What a connection of the gateway's own found at an endpoint. */
enum Finding {
    /** It was granted; and, if that was looked at, it stayed. */
    WELL,
    /** It was turned down in an orderly way, or had too much to take: nothing is known against the endpoint, nor for it. */
    ORDERLY,
    /** It was granted and then lost, or pings on it were not answered. */
    DROPPED,
    /** There was no answer to the handshake, a wrong one, or one that speaks of trouble (500 and above). */
    TROUBLED,
    /** There was no connection. */
    ABSENT,
    /** The gateway could not look: it has trouble of its own. */
    UNKNOWN;

    /** What it means that a handshake failed. */
    static Finding of(Throwable failure) {
        if (failure instanceof RefusedException refused) {
            return refused.isTrouble() ? TROUBLED : ORDERLY;
        }
        if (failure instanceof UnavailableException) {
            return UNKNOWN;
        }
        boolean isAbsent = failure instanceof DialException dial && dial.fault() == DialException.Fault.ENDPOINT;
        return isAbsent ? ABSENT : TROUBLED;
    }

    /** Whether a handshake was answered in a way that nothing is wrong with. */
    boolean isAnswer() {
        return this == WELL || this == ORDERLY;
    }
}
