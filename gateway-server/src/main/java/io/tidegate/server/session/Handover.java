package io.tidegate.server.session;

import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.upstream.UpstreamLeg;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Moves a session from a leg that works to another one, without losing a message.
 *
 * <pre>
 *   DIALLING ── the new leg is there ──▶ SETTLING ── all is read and answered ──▶ CLOSING ── the old leg's Close ──▶ over
 *                                           └── {@value #LONGEST_MILLIS} ms ──▶       └── {@value #LONGEST_MILLIS} ms ──▶
 * </pre>
 *
 * <p>From SETTLING on the client's messages wait in the queue; the old leg still delivers what its upstream has to say, up to
 * its Close. Should the old leg be lost on the way, the new one takes over at once.
 *
 * <p><b>Threads:</b> the session's event loop.
 */
final class Handover {

    /** How long each of the two waits lasts at most. */
    static final int LONGEST_MILLIS = 2_000;

    private static final int LOOK_MILLIS = 10;
    private static final CloseStatus MOVED = new CloseStatus(CloseStatus.GOING_AWAY, "moved to another endpoint");

    private final Session session;
    private final Uplink uplink;
    private final Leg old;
    private final Pings pings;
    private final UpstreamLeg next;
    private int looks;
    private @Nullable ScheduledFuture<?> timer;

    /** Begins, with the new leg at hand. */
    Handover(Session session, Uplink uplink, Leg old, Pings pings, UpstreamLeg next) {
        this.session = session;
        this.uplink = uplink;
        this.old = old;
        this.pings = pings;
        this.next = next;
        uplink.pause();
        pings.ping();
        look();
    }

    /** The leg that takes over. */
    UpstreamLeg next() {
        return next;
    }

    void cancel() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void look() {
        boolean settled = pings.isAllCovered() && uplink.isSettled();
        if (settled || looks++ >= LONGEST_MILLIS / LOOK_MILLIS) {
            old.sendClose(MOVED);
            timer = schedule(this::over, LONGEST_MILLIS);
        } else {
            timer = schedule(this::look, LOOK_MILLIS);
        }
    }

    private void over() {
        if (session.isHeldBack()) {
            // What the old leg said is for a client that is slow to take it; there is no hurry.
            timer = schedule(this::over, LONGEST_MILLIS);
        } else {
            session.handOver();
        }
    }

    private ScheduledFuture<?> schedule(Runnable task, int millis) {
        return old.channel().eventLoop().schedule(task, millis, TimeUnit.MILLISECONDS);
    }
}
