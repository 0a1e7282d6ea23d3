package io.tidegate.metrics;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * What one event loop recorded in one interval.
 *
 * <p><b>Threads:</b> one at a time; {@link #values} by any.
 */
final class Recording {

    private final HistogramRange range;
    private final IntCountsHistogram counts;
    private final LoopCounter values = new LoopCounter();
    private double sum;
    private long raised;
    private long lowered;
    private long missed;

    Recording(HistogramRange range) {
        this.range = range;
        this.counts = range.recorder();
    }

    /** Records without ever throwing; what there is no room for is counted as missed. */
    void record(long value, int times) {
        if (times <= 0) {
            return;
        }
        if (times > Integer.MAX_VALUE - values.get()) {
            missed += times;
            return;
        }
        long kept = value;
        if (value < range.floor()) {
            kept = range.floor();
            raised += times;
        } else if (value > range.highest()) {
            kept = range.highest();
            lowered += times;
        }
        if (times == 1) {
            counts.recordValue(kept);
        } else {
            counts.recordValueWithCount(kept, times);
        }
        sum += (double) kept * times;
        values.add(times);
    }

    /** How many values there are; any thread may ask, and gets to know those of other threads in the end. */
    long values() {
        return values.get();
    }

    /** Adds all of it to {@code totals}. */
    void addTo(Histogram totals) {
        totals.add(counts);
    }

    HistogramSnapshot.Tallies tallies() {
        return new HistogramSnapshot.Tallies(sum, raised, lowered, missed);
    }

    /** Empties it, to be used again. */
    void reset() {
        counts.reset();
        values.add(-values.get());
        sum = 0;
        raised = 0;
        lowered = 0;
        missed = 0;
    }
}
