package io.tidegate.metrics;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a histogram had recorded at one moment, or in one interval. Immutable.
 *
 * <p>Counts are exact. Values are those of the buckets of the {@link HistogramRange}: a percentile is the highest value
 * of the bucket it falls into. The sum is exact until it exceeds 2<sup>53</sup> (104 days, in nanoseconds).
 *
 * <p><b>Threads:</b> any. <b>Memory:</b> as the range says; next to nothing when empty.
 */
public final class HistogramSnapshot implements Snapshot<HistogramSnapshot> {

    /** What is counted besides the buckets. */
    record Tallies(double sum, long raised, long lowered, long missed) {

        static final Tallies NONE = new Tallies(0, 0, 0, 0);

        Tallies plus(Tallies other) {
            return new Tallies(sum + other.sum, raised + other.raised, lowered + other.lowered, missed + other.missed);
        }

        Tallies minus(Tallies earlier) {
            return new Tallies(
                    sum - earlier.sum, raised - earlier.raised, lowered - earlier.lowered, missed - earlier.missed);
        }

        boolean isPossible() {
            return sum >= 0 && raised >= 0 && lowered >= 0 && missed >= 0;
        }
    }

    private final HistogramRange range;
    /** Never changed; absent when nothing was recorded. */
    private final @Nullable Histogram counts;

    private final Tallies tallies;

    /** @param counts belongs to the snapshot from now on */
    HistogramSnapshot(HistogramRange range, @Nullable Histogram counts, Tallies tallies) {
        this.range = range;
        this.counts = counts;
        this.tallies = tallies;
    }

    /** A snapshot of nothing. */
    public static HistogramSnapshot empty(HistogramRange range) {
        return new HistogramSnapshot(range, null, Tallies.NONE);
    }

    /** What values are told apart. */
    public HistogramRange range() {
        return range;
    }

    /** How many values were recorded, those out of range included. */
    public long count() {
        return counts == null ? 0 : counts.getTotalCount();
    }

    /** The sum of the values as they were recorded, that is within the range. */
    public double sum() {
        return tallies.sum();
    }

    /** The mean of the values; 0 when there are none. */
    public double mean() {
        return counts == null ? 0 : sum() / count();
    }

    /** How many values were below the range and recorded as its lowest. */
    public long raised() {
        return tallies.raised();
    }

    /** How many values were above the range and recorded as its highest. */
    public long lowered() {
        return tallies.lowered();
    }

    /** How many values were not recorded, since one loop had 2<sup>31</sup> of them before anybody flipped. */
    public long missed() {
        return tallies.missed();
    }

    /**
     * The value that {@code percent} of all values do not exceed.
     *
     * @param percent 0 to 100
     * @return in the unit of the values; 0 when there are none
     */
    public long percentile(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percent: " + percent + " (expected: 0-100)");
        }
        return counts == null ? 0 : counts.getValueAtPercentile(percent);
    }

    /** The highest value; 0 when there are none. */
    public long max() {
        return counts == null ? 0 : counts.getMaxValue();
    }

    /** How many values do not exceed {@code value}, or share a bucket with it. */
    public long countUpTo(long value) {
        return counts == null || value < 0 ? 0 : counts.getCountBetweenValues(0, Math.min(value, range.highest()));
    }

    @Override
    public HistogramSnapshot plus(HistogramSnapshot other) {
        sameRange(other);
        Tallies both = tallies.plus(other.tallies);
        if (counts == null || other.counts == null) {
            return new HistogramSnapshot(range, counts == null ? other.counts : counts, both);
        }
        Histogram together = counts.copy();
        together.add(other.counts);
        return new HistogramSnapshot(range, together, both);
    }

    @Override
    public HistogramSnapshot minus(HistogramSnapshot earlier) {
        sameRange(earlier);
        Tallies since = tallies.minus(earlier.tallies);
        if (earlier.count() > count() || !since.isPossible()) {
            throw notEarlier(earlier, null);
        }
        if (counts == null || earlier.counts == null) {
            return new HistogramSnapshot(range, counts, since);
        }
        if (earlier.count() == count()) {
            return new HistogramSnapshot(range, null, since);
        }
        Histogram between = counts.copy();
        try {
            between.subtract(earlier.counts);
        } catch (IllegalArgumentException more) {
            throw notEarlier(earlier, more);
        }
        return new HistogramSnapshot(range, between, since);
    }

    /** A copy of the buckets in HdrHistogram's own form, for its logs and tools. */
    public Histogram toHistogram() {
        return counts == null ? range.accumulator() : counts.copy();
    }

    /** Bytes that the buckets take, as HdrHistogram estimates them. */
    int footprintBytes() {
        return counts == null ? 0 : counts.getEstimatedFootprintInBytes();
    }

    private void sameRange(HistogramSnapshot other) {
        if (!range.equals(other.range)) {
            throw new IllegalArgumentException("range: " + other.range + " (expected: " + range + ')');
        }
    }

    private IllegalArgumentException notEarlier(HistogramSnapshot earlier, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "earlier: " + earlier + " (expected: an earlier snapshot of the series of " + this + ')', cause);
    }

    @Override
    public String toString() {
        return "%d values, sum %.0f, p50 %d, p99 %d, max %d"
                .formatted(count(), sum(), percentile(50), percentile(99), max());
    }
}
