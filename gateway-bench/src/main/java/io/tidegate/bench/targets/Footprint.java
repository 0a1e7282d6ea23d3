package io.tidegate.bench.targets;

import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.series.SeriesConfig;
import io.tidegate.metrics.series.SeriesRegistry;
import io.tidegate.time.Ticker;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What metrics take of the heap, as the heap says: many of a kind are made, and what is in use after a full collection is
 * compared with what was before.
 *
 * @param recordedBytes of a histogram in which one loop recorded 10,000 latencies, in two intervals
 * @param histogramBytes of one in which as many loops as there are processors recorded, each 10,000
 * @param idleHistogramBytes of the latter after an interval without values
 * @param counterBytes of a counter for as many loops, and of its place in a registry
 * @param loops how many loops that were
 */
record Footprint(
        double recordedBytes, double histogramBytes, double idleHistogramBytes, double counterBytes, int loops) {

    /** How many values a loop records. */
    static final int VALUES = 10_000;

    private static final int HISTOGRAMS = 200;
    private static final int COUNTERS = 20_000;

    /** Measures; nothing else may be going on in the JVM. */
    static Footprint measure() {
        int loops = Runtime.getRuntime().availableProcessors();
        return new Footprint(
                perOne(HISTOGRAMS, () -> histograms(1, false)),
                perOne(HISTOGRAMS, () -> histograms(loops, false)),
                perOne(HISTOGRAMS, () -> histograms(loops, true)),
                perOne(COUNTERS, () -> counters(loops)),
                loops);
    }

    private static double perOne(int count, Supplier<Object> many) {
        Object first = many.get(); // with them come the classes and whatever those keep
        Object second = null;
        try {
            long before = inUse();
            second = many.get();
            long taken = inUse() - before;
            if (taken <= 0) {
                throw new IllegalStateException("bytes that " + count + " took of the heap: " + taken
                        + " (expected: > 0, in a JVM that collects when asked and does nothing else)");
            }
            return (double) taken / count;
        } finally {
            Reference.reachabilityFence(first);
            Reference.reachabilityFence(second);
        }
    }

    private static long inUse() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Histograms in which two intervals have as many values each, and the last one none if they are to be idle. */
    private static Object histograms(int loops, boolean idle) {
        HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
        List<StripedHistogram> histograms = new ArrayList<>();
        for (int i = 0; i < HISTOGRAMS; i++) {
            histograms.add(new StripedHistogram(HistogramRange.LATENCY, loops));
        }
        flipper.add(histograms);
        for (int interval = 0; interval < 2; interval++) {
            for (StripedHistogram histogram : histograms) {
                for (int loop = 0; loop < loops; loop++) {
                    record(histogram.on(loop), VALUES / 2);
                }
            }
            flipper.flip();
        }
        if (idle) {
            flipper.flip();
        }
        return flipper;
    }

    private static void record(LoopHistogram loop, int values) {
        Random random = new Random(values);
        for (int i = 0; i < values; i++) {
            loop.record(random.nextLong(1_000, 60_000_000_000L));
        }
    }

    private static Object counters(int loops) {
        SeriesRegistry<Integer, StripedCounter> registry = new SeriesRegistry<>(
                new SeriesConfig(COUNTERS, Duration.ofDays(1)), Ticker.system(), -1, () -> new StripedCounter(loops));
        for (int i = 0; i < COUNTERS; i++) {
            registry.acquire(i).close();
        }
        return registry;
    }
}
