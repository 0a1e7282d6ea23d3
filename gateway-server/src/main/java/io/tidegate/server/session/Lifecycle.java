package io.tidegate.server.session;

import io.tidegate.server.traffic.LoopTraffic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one session, from the dial before its client's 101 on. Each transition is counted and logged at debug.
 *
 * <p><b>Threads:</b> the session's event loop; {@link #state()} any.
 */
public final class Lifecycle {

    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private final long number;
    private final String route;
    private final LoopTraffic traffic;
    private volatile SessionState state = SessionState.DIALLING;

    /**
     * Begins to dial.
     *
     * @param number tells the session from others in the log
     */
    public Lifecycle(long number, String route, LoopTraffic traffic) {
        this.number = number;
        this.route = route;
        this.traffic = traffic;
        traffic.entered(SessionState.DIALLING.label());
        log.debug("session {} route {}: dialling", number, route);
    }

    /** The dial came to nothing. */
    public void failed() {
        to(SessionState.CLOSED, "no upstream leg");
    }

    /** Where the session is. */
    public SessionState state() {
        return state;
    }

    boolean is(SessionState expected) {
        return state == expected;
    }

    long number() {
        return number;
    }

    String route() {
        return route;
    }

    void to(SessionState next, Object why) {
        SessionState from = state;
        if (from == next) {
            return;
        }
        if (!from.leadsTo(next)) {
            throw new IllegalStateException("session " + number + ": " + from + " to " + next + " is no transition");
        }
        state = next;
        traffic.entered(next.label());
        if (log.isDebugEnabled()) {
            log.debug("session {} route {}: {} after {}: {}", number, route, next.label(), from.label(), why);
        }
    }
}
