package io.tidegate.bench.targets;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.WriterBarrier;
import io.tidegate.metrics.series.Lease;
import io.tidegate.metrics.series.MetricsUpkeep;
import io.tidegate.metrics.series.SeriesConfig;
import io.tidegate.metrics.series.SeriesRegistry;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * How long an event loop stands still while the idle series of a registry are swept away, beside how long it stands still
 * without that.
 *
 * <p>The loop does what a gateway's does all the time: it records, and sessions take some of the series and let them go.
 * In every second round the owner flips and sweeps until all other series have gone; the rounds in between last as long. A
 * round counts with its longest pause, and of all rounds of a kind the median, which tells what the sweep does and leaves
 * out what else happened on the machine.
 *
 * @param withoutNanos median of the longest pauses of rounds without a sweep
 * @param sweepingNanos the same of rounds with a sweep
 * @param worstNanos the longest pause of all rounds with a sweep
 */
record SweepPauses(double withoutNanos, double sweepingNanos, double worstNanos) {

    /** How many series are swept away in a round. */
    static final int SERIES = 100_000;

    private static final int RECORDINGS_PER_TURN = 50;
    /** How many of the series are in use, however the sweep goes on. */
    private static final int SESSION_SERIES = 1_000;

    private static final long IDLE_MILLIS = 1;
    private static final Duration EVERY = Duration.ofMillis(20);
    /** After which it is an error that series are left. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * Measures.
     *
     * @param rounds with and without a sweep, each
     * @param length of a round; longer where a sweep is not over by then
     * @param progress gets a line
     */
    static SweepPauses measure(int rounds, Duration length, Consumer<String> progress) throws Exception {
        progress.accept("event-loop pauses, %d rounds of %d ms".formatted(2 * rounds, length.toMillis()));
        double[] without = new double[rounds];
        double[] sweeping = new double[rounds];
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            new Round(group.next(), true).longestPause(length); // warms up
            for (int i = 0; i < rounds; i++) {
                Round sweep = new Round(group.next(), true);
                sweeping[i] = sweep.longestPause(length);
                without[i] = new Round(group.next(), false).longestPause(sweep.length());
            }
        } finally {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
        return new SweepPauses(
                median(without), median(sweeping), Arrays.stream(sweeping).max().orElseThrow());
    }

    /** A registry full of series, and a loop that records while they are swept or not. */
    private static final class Round {

        private final EventLoop loop;
        private final boolean sweep;
        private final SeriesRegistry<Integer, StripedCounter> registry = new SeriesRegistry<>(
                new SeriesConfig(SERIES, Duration.ofMillis(IDLE_MILLIS)),
                Ticker.system(),
                -1,
                () -> new StripedCounter(1));
        private Duration length = Duration.ZERO;

        Round(EventLoop loop, boolean sweep) {
            this.loop = loop;
            this.sweep = sweep;
            for (int i = 0; i < SERIES; i++) {
                registry.acquire(i).close();
            }
        }

        double longestPause(Duration atLeast) throws Exception {
            StripedHistogram histogram = new StripedHistogram(HistogramRange.LATENCY, 1);
            HistogramFlipper flipper = new HistogramFlipper(Ticker.system(), WriterBarrier.of(List.of(loop), PATIENCE));
            flipper.add(List.of(histogram));
            System.gc(); // so that what was just made is not moved in the middle
            Work work = new Work(loop, registry, histogram.on(0));
            long start = System.nanoTime();
            loop.submit(work).sync();
            Disposable upkeep =
                    sweep ? new MetricsUpkeep(flipper, List.of(registry)).start(EVERY) : Disposables.disposed();
            try {
                do {
                    TimeUnit.NANOSECONDS.sleep(atLeast.toNanos());
                    if (System.nanoTime() - start > PATIENCE.toNanos()) {
                        throw new IllegalStateException(
                                "series not swept: " + registry.size() + " (expected: <= " + SESSION_SERIES + ')');
                    }
                } while (sweep && registry.size() > SESSION_SERIES);
                return loop.submit(work::end).get();
            } finally {
                upkeep.dispose();
                length = Duration.ofNanos(System.nanoTime() - start);
            }
        }

        /** How long it took. */
        Duration length() {
            return length;
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** What the loop does; touched by it alone. */
    private static final class Work implements Runnable {

        private final EventLoop loop;
        private final SeriesRegistry<Integer, StripedCounter> registry;
        private final LoopHistogram histogram;
        private long last = System.nanoTime();
        private long longest;
        private int session;
        private boolean ended;

        Work(EventLoop loop, SeriesRegistry<Integer, StripedCounter> registry, LoopHistogram histogram) {
            this.loop = loop;
            this.registry = registry;
            this.histogram = histogram;
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            longest = Math.max(longest, now - last);
            last = now;
            for (int i = 0; i < RECORDINGS_PER_TURN; i++) {
                histogram.record(now & 0xFFFFF);
            }
            session = (session + 1) % SESSION_SERIES;
            try (Lease<StripedCounter> lease = registry.acquire(session)) {
                lease.series().increment(0);
            }
            if (!ended) {
                loop.execute(this);
            }
        }

        double end() {
            ended = true;
            return longest;
        }
    }
}
