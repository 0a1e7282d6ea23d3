package io.tidegate.bench.micro;

import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.LoopCounter;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.series.Lease;
import io.tidegate.metrics.series.SeriesConfig;
import io.tidegate.metrics.series.SeriesRegistry;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What measuring costs: the loops that record, and the owner that flips and sweeps. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class MetricsBenchmark {

    private static final int VALUES = 1 << 12;

    /** Made by JMH. */
    public MetricsBenchmark() {}

    /** What the event loops share. */
    @State(Scope.Benchmark)
    public static class Shared {
        final AtomicInteger loops = new AtomicInteger();
        final StripedHistogram histogram = new StripedHistogram(HistogramRange.LATENCY, 64);
        final StripedCounter counter = new StripedCounter(64);
        /** Cells that lie side by side, as they would without a stride. */
        final LoopCounter[] neighbours = new LoopCounter[64];

        /** Made by JMH. */
        public Shared() {
            for (int i = 0; i < neighbours.length; i++) {
                neighbours[i] = new LoopCounter();
            }
        }
    }

    /** One event loop, with latencies between 1 µs and 60 s, most of them near 1 ms. */
    @State(Scope.Thread)
    public static class Loop {
        final long[] latencies = new long[VALUES];
        int number;
        int next;
        LoopHistogram histogram;

        /** Made by JMH. */
        @SuppressWarnings("NullAway.Init")
        public Loop() {}

        /** Takes a number and makes the latencies. */
        @Setup
        public void number(Shared shared) {
            number = shared.loops.getAndIncrement();
            histogram = shared.histogram.on(number);
            java.util.Random random = new java.util.Random(number);
            for (int i = 0; i < VALUES; i++) {
                latencies[i] = (long) Math.exp(Math.log(1e6) + 1.5 * random.nextGaussian());
            }
        }

        long latency() {
            return latencies[next++ & (VALUES - 1)];
        }
    }

    /** A loop records a latency. */
    @Benchmark
    public void record(Loop loop) {
        loop.histogram.record(loop.latency());
    }

    /** Two loops record in the same series. */
    @Benchmark
    @Threads(2)
    public void recordOnTwoLoops(Loop loop) {
        loop.histogram.record(loop.latency());
    }

    /** A loop counts. */
    @Benchmark
    public void count(Loop loop, Shared shared) {
        shared.counter.add(loop.number, 1);
    }

    /** Two loops count in the same series. */
    @Benchmark
    @Threads(2)
    public void countOnTwoLoops(Loop loop, Shared shared) {
        shared.counter.add(loop.number, 1);
    }

    /** Two loops count in counters that lie side by side: what the stride of a striped counter is for. */
    @Benchmark
    @Threads(2)
    public void countSideBySide(Loop loop, Shared shared) {
        shared.neighbours[loop.number].add(1);
    }

    /** The owner flips one histogram in which one loop recorded. */
    @State(Scope.Thread)
    public static class Flipped {
        final HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
        final StripedHistogram histogram = new StripedHistogram(HistogramRange.LATENCY, 2);

        /** Made by JMH. */
        public Flipped() {
            flipper.add(List.of(histogram));
        }
    }

    /** A flip of a series with one new value. */
    @Benchmark
    public HistogramFlipper flip(Flipped owner, Loop loop) {
        owner.histogram.on(0).record(loop.latency());
        owner.flipper.flip();
        return owner.flipper;
    }

    /** A flip of a series without any. */
    @Benchmark
    public HistogramFlipper flipIdle(Flipped owner) {
        owner.flipper.flip();
        return owner.flipper;
    }

    /** Idle series that are not due yet, half of them with values. */
    @State(Scope.Thread)
    public static class Swept {
        /** How many. */
        @Param({"1000", "100000"})
        public int series = 1_000;

        SeriesRegistry<Integer, StripedCounter> registry;

        /** Made by JMH. */
        @SuppressWarnings("NullAway.Init")
        public Swept() {}

        /** Makes the series. */
        @Setup
        public void fill() {
            registry = new SeriesRegistry<>(
                    new SeriesConfig(series, Duration.ofDays(1)), Ticker.system(), -1, () -> new StripedCounter(2));
            for (int i = 0; i < series; i++) {
                try (Lease<StripedCounter> lease = registry.acquire(i)) {
                    lease.series().add(i & 1, i);
                }
            }
        }
    }

    /** One pass over all series, in slices of a thousand. */
    @Benchmark
    public int sweep(Swept swept) {
        int slices = 1;
        while (!swept.registry.sweep(1_000)) {
            slices++;
        }
        return slices;
    }

    /** A session takes a series and lets it go. */
    @Benchmark
    public void acquireAndClose(Swept swept) {
        swept.registry.acquire(7).close();
    }
}
