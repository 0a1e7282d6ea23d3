package io.tidegate.server.session;

import io.tidegate.metrics.LoopCounter;
import io.tidegate.server.traffic.Direction;

/**
 * What a session does: how many messages it has relayed, and when the last one.
 *
 * <p><b>Threads:</b> written by the session's event loop, read by any.
 */
final class Pulse {

    private final long startNanos = System.nanoTime();
    private final LoopCounter toUpstream = new LoopCounter();
    private final LoopCounter toClient = new LoopCounter();
    private final LoopCounter lastNanos = new LoopCounter();

    /** Messages were read from a leg; 0 are none, as where only control frames came. */
    void beat(Direction direction, int messages, long readNanos) {
        if (messages > 0) {
            of(direction).add(messages);
            lastNanos.add(readNanos - lastNanos.get());
        }
    }

    long messages(Direction direction) {
        return of(direction).get();
    }

    /** Since the session began, in nanoseconds. */
    long ageNanos(long now) {
        return now - startNanos;
    }

    /** Since there was a message, in nanoseconds; as old as the session where there was none, or nothing is measured. */
    long idleNanos(long now) {
        long last = lastNanos.get();
        return last == 0 ? ageNanos(now) : Math.max(0, now - last);
    }

    private LoopCounter of(Direction direction) {
        return direction == Direction.TO_UPSTREAM ? toUpstream : toClient;
    }
}
