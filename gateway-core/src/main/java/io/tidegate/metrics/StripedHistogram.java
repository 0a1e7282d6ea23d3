package io.tidegate.metrics;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The distribution of one series of values: each event loop records in a {@link LoopHistogram} of its own, one
 * {@link HistogramFlipper} brings the loops together, and everybody reads what that published.
 *
 * <p>Readers never flip. If they did, two of them would take each other's values away; so each gets the same
 * {@link #latest() interval}, or makes one of its own by subtracting two {@link #snapshot() snapshots}.
 *
 * <p><b>Threads:</b> any; see {@link LoopHistogram} for who records. <b>Memory:</b> a recording for each loop that
 * recorded anything and two snapshots, all as large as the {@link HistogramRange} says: with
 * {@link HistogramRange#LATENCY} 55 KB for a series that one loop records, 11 KB for each further loop, and 23 KB less
 * while it is idle. That doesn't depend on how many values are recorded.
 */
public final class StripedHistogram implements Series<HistogramSnapshot> {

    /**
     * What was recorded between two flips, and since the series began.
     *
     * @param fromNanos when the interval began, by the flipper's ticker
     * @param toNanos when it ended; equal to {@code fromNanos} before the first flip
     * @param recorded in the interval
     * @param total since the series began, the interval included
     */
    public record Interval(long fromNanos, long toNanos, HistogramSnapshot recorded, HistogramSnapshot total) {}

    private final HistogramRange range;
    private final AtomicReferenceArray<@Nullable LoopHistogram> loops;
    private final AtomicReference<@Nullable HistogramFlipper> owner = new AtomicReference<>();
    private final HistogramSnapshot nothing;
    private volatile Interval latest;

    /**
     * @param range which values are told apart
     * @param loops how many event loops record; at least 1
     */
    public StripedHistogram(HistogramRange range, int loops) {
        if (loops < 1) {
            throw new IllegalArgumentException("loops: " + loops + " (expected: >= 1)");
        }
        this.range = range;
        this.loops = new AtomicReferenceArray<>(loops);
        this.nothing = HistogramSnapshot.empty(range);
        this.latest = new Interval(0, 0, nothing, nothing);
    }

    /**
     * Where the event loop with that number, and nobody else, records. To be kept: this is not for each value.
     *
     * @param loop from 0
     */
    public LoopHistogram on(int loop) {
        Objects.checkIndex(loop, loops.length());
        LoopHistogram there = loops.get(loop);
        if (there != null) {
            return there;
        }
        LoopHistogram fresh = new LoopHistogram(new Recording(range));
        LoopHistogram first = loops.compareAndExchange(loop, null, fresh);
        return first == null ? fresh : first;
    }

    /** The interval that the last flip ended. */
    public Interval latest() {
        return latest;
    }

    /** All that was recorded up to the last flip. */
    @Override
    public HistogramSnapshot snapshot() {
        return latest.total();
    }

    @Override
    public long activity() {
        long pending = 0;
        for (int i = 0; i < loops.length(); i++) {
            LoopHistogram loop = loops.get(i);
            pending += loop == null ? 0 : loop.pending();
        }
        return latest.total().count() + pending;
    }

    HistogramRange range() {
        return range;
    }

    /**
     * Ends the interval and publishes it.
     *
     * @param flipper the one that does, now and ever after
     * @param spare an empty recording
     * @return another one
     */
    Recording flip(HistogramFlipper flipper, Recording spare, long fromNanos, long toNanos) {
        HistogramFlipper known = owner.get();
        if (known != flipper && !owner.compareAndSet(null, flipper)) {
            throw new IllegalStateException("histogram flipped by a second flipper (expected: one owner)");
        }
        Recording empty = spare;
        Histogram counts = null;
        HistogramSnapshot.Tallies tallies = HistogramSnapshot.Tallies.NONE;
        for (int i = 0; i < loops.length(); i++) {
            LoopHistogram loop = loops.get(i);
            if (loop != null && loop.pending() > 0) {
                Recording full = loop.flip(empty);
                counts = counts == null ? range.accumulator() : counts;
                full.addTo(counts);
                tallies = tallies.plus(full.tallies());
                full.reset();
                empty = full;
            }
        }
        HistogramSnapshot recorded = counts == null ? nothing : new HistogramSnapshot(range, counts, tallies);
        latest = new Interval(fromNanos, toNanos, recorded, latest.total().plus(recorded));
        return empty;
    }
}
