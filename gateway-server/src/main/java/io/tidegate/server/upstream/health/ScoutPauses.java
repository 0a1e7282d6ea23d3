package io.tidegate.server.upstream.health;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long to wait before an endpoint that is down is looked at again: a quarter of the time that it has been down, so that it is
 * found at one and a quarter times its downtime at the latest, however long that was, by a few checks only.
 *
 * <p><b>Threads:</b> one.
 */
final class ScoutPauses {

    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long longestNanos;
    private boolean down;
    private long sinceNanos;

    /** @param openFor when the breaker would let somebody in by itself: to look less often than that makes no sense */
    ScoutPauses(Duration openFor) {
        this.longestNanos = Math.max(SHORTEST_NANOS, Math.min(LONGEST_NANOS, openFor.toNanos()));
    }

    /** The endpoint went down; nothing if it never came up again since it last did. */
    void down(long now) {
        if (!down) {
            down = true;
            sinceNanos = now;
        }
    }

    /** The endpoint is up for good. */
    void up() {
        down = false;
    }

    /** How long to wait now, in nanoseconds. */
    long nextNanos(long now) {
        return Math.min(longestNanos, Math.max(SHORTEST_NANOS, (now - sinceNanos) / 4));
    }
}
