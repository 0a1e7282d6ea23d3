package io.tidegate.metrics.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

class MetricsUpkeepTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTimeScheduler scheduler = VirtualTimeScheduler.create();
    private final SeriesConfig config = new SeriesConfig(10_000, Duration.ofSeconds(10));
    private final SeriesRegistry<Integer, StripedHistogram> histograms =
            new SeriesRegistry<>(config, this::nanos, -1, () -> new StripedHistogram(HistogramRange.LATENCY, 1));
    private final SeriesRegistry<Integer, StripedCounter> counters =
            new SeriesRegistry<>(config, this::nanos, -1, () -> new StripedCounter(1));
    private final HistogramFlipper flipper = new HistogramFlipper(this::nanos);
    private final MetricsUpkeep upkeep = new MetricsUpkeep(flipper, List.of(histograms, counters));

    MetricsUpkeepTest() {
        flipper.add(histograms.series());
    }

    @AfterEach
    void dispose() {
        scheduler.dispose();
    }

    @Test
    void flipsAtEachInterval() {
        StripedHistogram histogram = histograms.acquire(1).series();
        upkeep.start(SECOND, scheduler);
        histogram.on(0).record(5_000);
        scheduler.advanceTimeBy(SECOND.minusNanos(1));
        assertThat(histogram.snapshot().count()).isZero();

        scheduler.advanceTimeBy(Duration.ofNanos(1));
        assertThat(histogram.latest().recorded().count()).isEqualTo(1);
        scheduler.advanceTimeBy(SECOND);
        assertThat(histogram.latest().recorded().count()).isZero();
        assertThat(histogram.latest().toNanos() - histogram.latest().fromNanos())
                .isEqualTo(SECOND.toNanos());
    }

    @Test
    void removesIdleSeriesOfAllRegistriesSliceBySlice() {
        histograms.acquire(1).close();
        for (int i = 0; i < 2_500; i++) {
            counters.acquire(i).close();
        }
        upkeep.start(SECOND, scheduler);
        scheduler.advanceTimeBy(Duration.ofSeconds(11));
        assertThat(histograms.size()).isZero();
        assertThat(counters.size()).as("not all at once").isEqualTo(2_500);

        scheduler.advanceTimeBy(Duration.ofMillis(1));
        assertThat(counters.size()).isEqualTo(1_500);
        scheduler.advanceTimeBy(Duration.ofMillis(1));
        assertThat(counters.size()).isEqualTo(500);
        scheduler.advanceTimeBy(Duration.ofMillis(1));
        assertThat(counters.size()).isZero();
    }

    @Test
    void aSweepThatTakesLongerThanTheIntervalIsNotBegunAgain() {
        for (int i = 0; i < 5_500; i++) {
            counters.acquire(i).close();
        }
        Duration short_ = Duration.ofMillis(2);
        upkeep.start(short_, scheduler);
        scheduler.advanceTimeBy(Duration.ofSeconds(10).plusMillis(30));

        assertThat(counters.size()).isZero();
    }

    @Test
    void goesOnWhenAFlipFails() {
        flipper.add(() -> {
            throw new IllegalStateException("thrown by a test");
        });
        StripedHistogram histogram = histograms.acquire(1).series();
        counters.acquire(1).close();
        upkeep.start(SECOND, scheduler);
        histogram.on(0).record(5_000);
        scheduler.advanceTimeBy(Duration.ofSeconds(12));

        assertThat(histogram.snapshot().count()).isEqualTo(1);
        assertThat(counters.size()).isZero();
    }

    @Test
    void endsWithoutAWordWhileItSweeps() {
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        Disposable.Swap running = Disposables.swap();
        flipper.add(() -> {
            running.dispose();
            return Collections.emptyIterator();
        });
        Schedulers.onHandleError((thread, error) -> errors.add(error));
        try {
            running.update(upkeep.start(SECOND, scheduler));
            scheduler.advanceTimeBy(SECOND);
        } catch (RejectedExecutionException e) {
            errors.add(e); // as virtual time has it
        } finally {
            Schedulers.resetOnHandleError();
        }
        assertThat(running.isDisposed()).isTrue();
        assertThat(errors).isEmpty();
    }

    @Test
    void goesOnWhenASweepFails() {
        AtomicInteger failures = new AtomicInteger(1);
        SeriesRegistry<Integer, StripedCounter> sometimes = new SeriesRegistry<>(
                config,
                () -> {
                    if (failures.getAndDecrement() == 1) {
                        throw new IllegalStateException("thrown by a test");
                    }
                    return nanos();
                },
                -1,
                () -> new StripedCounter(1));
        counters.acquire(1).close();
        sometimes.acquire(1).close();
        new MetricsUpkeep(flipper, List.of(counters, sometimes)).start(SECOND, scheduler);
        scheduler.advanceTimeBy(Duration.ofSeconds(15));

        assertThat(counters.size()).isZero();
        assertThat(sometimes.size()).isZero();
    }

    @Test
    void endsWhenDisposed() {
        StripedHistogram histogram = histograms.acquire(1).series();
        Disposable running = upkeep.start(SECOND, scheduler);
        running.dispose();
        histogram.on(0).record(5_000);
        scheduler.advanceTimeBy(SECOND.multipliedBy(3));

        assertThat(histogram.snapshot().count()).isZero();
    }

    @Test
    void needsNothingToSweep() {
        StripedHistogram histogram = histograms.acquire(1).series();
        new MetricsUpkeep(flipper, List.of()).start(SECOND, scheduler);
        histogram.on(0).record(5_000);
        scheduler.advanceTimeBy(SECOND);

        assertThat(histogram.snapshot().count()).isEqualTo(1);
    }

    @Test
    void anIntervalHasALength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upkeep.start(Duration.ZERO, scheduler))
                .withMessage("every: PT0S (expected: > 0)");
    }

    private long nanos() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }
}
