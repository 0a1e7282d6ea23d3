package io.tidegate.server.leg;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * The time of an event loop's turn: looked at once in a turn, by the first who asks.
 *
 * <p>Why: to look at the clock costs some 30 ns, as much as all else that is recorded of a batch, and what a loop reads in one
 * turn had arrived when the turn began. So the time that a connection waits for others that the loop serves first counts as the
 * gateway's.
 *
 * <p><b>Threads:</b> the loop's only.
 */
final class LoopClock {

    private static final FastThreadLocal<LoopClock> OF_LOOP = new FastThreadLocal<>();

    private final EventLoop loop;
    private final Runnable turnOver = this::turnIsOver;
    private long nanos;
    private boolean known;
    private int turn;

    private LoopClock(EventLoop loop) {
        this.loop = loop;
    }

    /** The clock of {@code loop}, on whose thread this is called. */
    static LoopClock of(EventLoop loop) {
        LoopClock clock = OF_LOOP.get();
        if (clock == null || clock.loop != loop) {
            clock = new LoopClock(loop);
            OF_LOOP.set(clock);
        }
        return clock;
    }

    /** As {@link System#nanoTime()}, of this turn. */
    long nanos() {
        if (!known) {
            known = true;
            nanos = System.nanoTime();
            // Tasks run behind what was read and written in the turn.
            loop.execute(turnOver);
        }
        return nanos;
    }

    /** Which turn this is: another number means another turn. */
    int turn() {
        return turn;
    }

    private void turnIsOver() {
        known = false;
        turn++;
    }
}
