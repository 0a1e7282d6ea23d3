package io.tidegate.metrics.series;

import io.tidegate.metrics.Series;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A series, how many hold it, and whether it is on its way out.
 *
 * <pre>
 *   HELD ── last release ──▶ FREE ── retire ──▶ RETIRED
 *    ▲────────── hold ─────────┘
 * </pre>
 *
 * <p>The state word has the number of holders in its lower half and counts acquisitions in its upper one. So a retirement
 * that was decided on an earlier state fails when anybody held the series in between, if only for a moment.
 *
 * <p><b>Threads:</b> any; {@link #retireIfQuiet} one at a time.
 */
final class Holding<S extends Series<?>> {

    private static final long ACQUISITION = 1L << 32;
    /** Impossible otherwise: there would be 2^32 - 1 holders. */
    private static final long RETIRED = -1;

    private final S series;
    private final long birth;
    private final AtomicLong state = new AtomicLong();

    private long seenState;
    private long seenActivity;
    private long quietSince;

    /** Nobody holds it yet. */
    Holding(S series, long birth) {
        this.series = series;
        this.birth = birth;
    }

    S series() {
        return series;
    }

    /** Tells this series from earlier and later ones with the same labels. */
    long birth() {
        return birth;
    }

    /** Holds the series; false when it is on its way out. Lock-free. */
    boolean hold() {
        long seen = state.get();
        while (seen != RETIRED) {
            long witness = state.compareAndExchange(seen, seen + ACQUISITION + 1);
            if (witness == seen) {
                return true;
            }
            seen = witness;
        }
        return false;
    }

    void release() {
        state.decrementAndGet();
    }

    /**
     * Retires the series when nobody has held it and nothing was recorded between an earlier call at least
     * {@code idleNanos} ago and this one.
     *
     * @return whether it is retired now: nobody holds it, and nobody will
     */
    boolean retireIfQuiet(long now, long idleNanos) {
        long seen = state.get();
        long recorded = series.activity();
        if ((int) seen != 0 || seen != seenState || recorded != seenActivity) {
            seenState = seen;
            seenActivity = recorded;
            quietSince = now;
            return false;
        }
        return now - quietSince >= idleNanos && state.compareAndSet(seen, RETIRED);
    }
}
