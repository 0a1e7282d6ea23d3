package io.tidegate.metrics;

import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Which values a histogram tells apart, and how finely. Values outside are recorded as the nearest one inside, and
 * counted.
 *
 * <p>Values that share a bucket are not told apart. A bucket is as wide as its values divided by 16, 128 or 1,024 (for 1,
 * 2 or 3 {@code digits}), and never narrower than {@code lowest}, rounded down to a power of two. So {@link #LATENCY} is
 * within 0.8 % from 66 µs up, and within 0.512 µs below.
 *
 * <p><b>Memory:</b> 64, 512 or 4,096 bytes for each doubling between {@code lowest} and {@code highest} per event loop
 * that records, and twice that per snapshot. {@link #LATENCY} takes 11 KB per loop and 22 KB per snapshot.
 *
 * @param lowest in the unit of the values; 1 to 2<sup>50</sup>; with 1, values of 0 are in the range, too
 * @param highest in the same unit; at least twice {@code lowest}
 * @param digits significant decimal digits, 1 to 3
 */
public record HistogramRange(long lowest, long highest, int digits) {

    /** What leaves room for the digits in 63 bits. */
    private static final long LARGEST_LOWEST = 1L << 50;

    /** Latencies in nanoseconds, from 1 µs to 60 s with two digits. */
    public static final HistogramRange LATENCY = ofTimes(Duration.ofNanos(1_000), Duration.ofSeconds(60), 2);

    /** Sizes in bytes, from none to 1 TiB with two digits. */
    public static final HistogramRange SIZE = new HistogramRange(1, 1L << 40, 2);

    /** Rejects a range that can't be. */
    public HistogramRange {
        if (lowest < 1 || lowest > LARGEST_LOWEST) {
            throw new IllegalArgumentException("lowest: " + lowest + " (expected: 1-2^50)");
        }
        if (highest / 2 < lowest) {
            throw new IllegalArgumentException(
                    "highest: " + highest + " (expected: at least twice the lowest, " + lowest + ')');
        }
        if (digits < 1 || digits > 3) {
            throw new IllegalArgumentException("digits: " + digits + " (expected: 1-3)");
        }
    }

    /** A range of times in nanoseconds. */
    public static HistogramRange ofTimes(Duration lowest, Duration highest, int digits) {
        return new HistogramRange(lowest.toNanos(), highest.toNanos(), digits);
    }

    /** The lowest value that is recorded as it is. */
    long floor() {
        return lowest == 1 ? 0 : lowest;
    }

    /** An empty histogram to add to, without end. */
    Histogram accumulator() {
        return new Histogram(lowest, highest, digits);
    }

    /** An empty histogram of half the size, for what one loop records in one interval. */
    IntCountsHistogram recorder() {
        return new IntCountsHistogram(lowest, highest, digits);
    }
}
