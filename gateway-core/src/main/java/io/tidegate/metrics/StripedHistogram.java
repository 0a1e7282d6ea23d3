package io.tidegate.metrics;

import java.util.ArrayList;
import java.util.List;
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
    /** The flipper's: what loops recorded in and do no more, but for what they may be in the midst of. */
    private final List<Recording> taken = new ArrayList<>();
    /** The flipper's: whether there was an end of an interval. */
    private boolean published;
    /** How many values there are in what was taken; about. */
    private volatile long takenValues;

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
        return latest.total().count() + takenValues + pending;
    }

    HistogramRange range() {
        return range;
    }

    /**
     * Takes what loops have recorded out of their reach, unless something was taken that isn't published yet: then they go on,
     * and nothing piles up however long a loop hangs. Some may still be recording in it until they have passed a {@link
     * WriterBarrier}.
     *
     * @param flipper the one that does, now and ever after
     */
    void begin(HistogramFlipper flipper) {
        HistogramFlipper known = owner.get();
        if (known != flipper && !owner.compareAndSet(null, flipper)) {
            throw new IllegalStateException("histogram flipped by a second flipper (expected: one owner)");
        }
        if (hasBegun()) {
            return;
        }
        for (int i = 0; i < loops.length(); i++) {
            LoopHistogram loop = loops.get(i);
            if (loop != null && loop.pending() > 0) {
                taken.add(loop.flip(flipper.spare(range)));
            }
        }
        takenValues = taken.stream().mapToLong(Recording::values).sum();
    }

    /** Whether something was taken that isn't published yet. */
    boolean hasBegun() {
        return !taken.isEmpty();
    }

    /**
     * Ends the interval and publishes what was taken.
     *
     * @param lastFlip when the interval began if it is the first
     */
    void end(HistogramFlipper flipper, long lastFlip, long now) {
        Histogram counts = null;
        HistogramSnapshot.Tallies tallies = HistogramSnapshot.Tallies.NONE;
        for (Recording full : taken) {
            counts = counts == null ? range.accumulator() : counts;
            full.addTo(counts);
            tallies = tallies.plus(full.tallies());
            full.reset();
            flipper.spare(range, full);
        }
        taken.clear();
        takenValues = 0;
        HistogramSnapshot recorded = counts == null ? nothing : new HistogramSnapshot(range, counts, tallies);
        long from = published ? latest.toNanos() : lastFlip;
        published = true;
        latest = new Interval(from, now, recorded, latest.total().plus(recorded));
    }
}
