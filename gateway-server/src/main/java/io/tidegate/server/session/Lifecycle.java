package io.tidegate.server.session;

import io.tidegate.server.traffic.LoopTraffic;
import org.jspecify.annotations.Nullable;

/**
 * The state of one session, from the dial before its client's 101 on. Each transition is counted and logged at debug.
 *
 * <p><b>Threads:</b> the session's event loop; {@link #state()} and {@link #traceId()} any.
 */
public final class Lifecycle {

    private final SessionLog log;
    private final LoopTraffic traffic;
    private volatile SessionState state = SessionState.DIALLING;

    /**
     * Begins to dial.
     *
     * @param log tells the session from others
     */
    public Lifecycle(SessionLog log, LoopTraffic traffic) {
        this.log = log;
        this.traffic = traffic;
        traffic.entered(SessionState.DIALLING.label());
        log.entered(SessionState.DIALLING, null, "a client asks for it");
    }

    /** The dial came to nothing. */
    public void failed() {
        to(SessionState.CLOSED, "no upstream leg");
    }

    /** Where the session is. */
    public SessionState state() {
        return state;
    }

    /** The trace that the client's request belongs to; {@code null} if it told of none. */
    public @Nullable String traceId() {
        return log.traceId();
    }

    /** The session's lines in the log. */
    public SessionLog log() {
        return log;
    }

    boolean is(SessionState expected) {
        return state == expected;
    }

    void to(SessionState next, Object why) {
        SessionState from = state;
        if (from == next) {
            return;
        }
        if (!from.leadsTo(next)) {
            throw new IllegalStateException(log + ": " + from + " to " + next + " is no transition");
        }
        state = next;
        traffic.entered(next.label());
        log.entered(next, from, why);
    }
}
