package io.tidegate.server.session;

import io.tidegate.frame.CloseStatus;
import io.tidegate.server.traffic.Initiator;
import org.jspecify.annotations.Nullable;

/**
 * How a session ends, as its client sees it.
 *
 * @param initiator who wanted it first
 * @param code that of the Close frame on the client leg, 1005 if that had none; 1006 when the client went without one
 * @param why for people
 */
record Ending(Initiator initiator, int code, Object why) {

    /** What stands for no Close frame at all (RFC 6455, section 7.4.1); never sent. */
    static final CloseStatus VANISHED = new CloseStatus(1006, "");

    /** @param status that of the Close frame on the client leg */
    static Ending by(Initiator initiator, @Nullable CloseStatus status, Object why) {
        return new Ending(initiator, (status == null ? CloseStatus.EMPTY : status).code(), why);
    }
}
