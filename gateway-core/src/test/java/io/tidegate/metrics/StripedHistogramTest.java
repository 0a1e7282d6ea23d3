package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.metrics.StripedHistogram.Interval;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Recording and flipping, as owner and readers see it. */
class StripedHistogramTest {

    private static final HistogramRange RANGE = new HistogramRange(10, 10_000, 2);

    private final ManualTicker ticker = new ManualTicker();
    private final HistogramFlipper flipper = new HistogramFlipper(ticker);
    private final StripedHistogram histogram = new StripedHistogram(RANGE, 2);

    StripedHistogramTest() {
        flipper.add(List.of(histogram));
    }

    @Test
    void showsNothingBeforeTheFirstFlip() {
        histogram.on(0).record(100);

        assertThat(histogram.latest().recorded().count()).isZero();
        assertThat(histogram.snapshot().count()).isZero();
        assertThat(histogram.latest().fromNanos()).isEqualTo(histogram.latest().toNanos());
    }

    @Test
    void aFlipBringsAllLoopsTogether() {
        histogram.on(0).record(100);
        histogram.on(1).record(300);
        histogram.on(1).record(200, 2);
        flipper.flip();

        HistogramSnapshot recorded = histogram.latest().recorded();
        assertThat(recorded.count()).isEqualTo(4);
        assertThat(recorded.sum()).isEqualTo(800);
        assertThat(recorded.mean()).isEqualTo(200);
        assertThat(recorded.percentile(25)).isBetween(100L, 107L);
        assertThat(recorded.percentile(50)).isBetween(200L, 207L);
        assertThat(recorded.max()).isBetween(300L, 307L);
        assertThat(recorded.range()).isEqualTo(RANGE);
    }

    @Test
    void theSameLoopAlwaysRecordsInTheSamePlace() {
        assertThat(histogram.on(1)).isSameAs(histogram.on(1)).isNotSameAs(histogram.on(0));
        assertThatThrownBy(() -> histogram.on(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> histogram.on(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void everyReaderSeesTheSameInterval() {
        histogram.on(0).record(100);
        ticker.advance(Duration.ofSeconds(2));
        flipper.flip();

        Interval one = histogram.latest();
        Interval other = histogram.latest();

        assertThat(one).isSameAs(other);
        assertThat(one.toNanos() - one.fromNanos()).isEqualTo(2_000_000_000L);
        assertThat(one.recorded().count()).isEqualTo(1);
    }

    @Test
    void intervalsFollowEachOtherAndTotalsGrow() {
        histogram.on(0).record(100);
        ticker.advance(Duration.ofSeconds(1));
        flipper.flip();
        Interval first = histogram.latest();
        histogram.on(0).record(200);
        histogram.on(0).record(300);
        ticker.advance(Duration.ofSeconds(3));
        flipper.flip();
        Interval second = histogram.latest();

        assertThat(second.fromNanos()).isEqualTo(first.toNanos());
        assertThat(second.toNanos() - second.fromNanos()).isEqualTo(3_000_000_000L);
        assertThat(second.recorded().count()).isEqualTo(2);
        assertThat(second.recorded().sum()).isEqualTo(500);
        assertThat(second.total().count()).isEqualTo(3);
        assertThat(second.total().sum()).isEqualTo(600);
        assertThat(first.recorded().count()).as("kept by a reader").isEqualTo(1);
        assertThat(first.total().count()).isEqualTo(1);
    }

    @Test
    void anIntervalWithoutValuesIsEmptyAndAsLongAsAnyOther() {
        histogram.on(0).record(100);
        flipper.flip();
        ticker.advance(Duration.ofSeconds(1));
        flipper.flip();

        Interval idle = histogram.latest();
        assertThat(idle.toNanos() - idle.fromNanos()).isEqualTo(1_000_000_000L);
        assertThat(idle.recorded().count()).isZero();
        assertThat(idle.recorded().max()).isZero();
        assertThat(idle.total().count()).isEqualTo(1);
    }

    @Test
    void recordsWhatIsOutOfRangeAtItsEdgesAndCountsIt() {
        LoopHistogram loop = histogram.on(0);
        loop.record(9);
        loop.record(0);
        loop.record(Long.MIN_VALUE, 2);
        loop.record(10);
        loop.record(10_000);
        loop.record(10_001);
        loop.record(Long.MAX_VALUE, 3);
        flipper.flip();

        HistogramSnapshot recorded = histogram.latest().recorded();
        assertThat(recorded.count()).isEqualTo(10);
        assertThat(recorded.raised()).isEqualTo(4);
        assertThat(recorded.lowered()).isEqualTo(4);
        assertThat(recorded.missed()).isZero();
        assertThat(recorded.sum()).isEqualTo(5 * 10 + 5 * 10_000);
        assertThat(recorded.countUpTo(10)).isEqualTo(5);
        assertThat(recorded.max()).isBetween(10_000L, 10_100L);
    }

    @Test
    void outOfRangeIsCountedForEachInterval() {
        histogram.on(0).record(1);
        flipper.flip();
        histogram.on(0).record(100_000, 2);
        flipper.flip();

        assertThat(histogram.latest().recorded().raised()).isZero();
        assertThat(histogram.latest().recorded().lowered()).isEqualTo(2);
        assertThat(histogram.latest().total().raised()).isEqualTo(1);
        assertThat(histogram.latest().total().lowered()).isEqualTo(2);
    }

    @Test
    void whatHappenedNoTimesIsNotRecorded() {
        histogram.on(0).record(5_000, 0);
        histogram.on(0).record(1, -1);
        assertThat(histogram.activity()).isZero();
        histogram.on(0).record(100);
        flipper.flip();

        assertThat(histogram.latest().recorded().count()).isEqualTo(1);
        assertThat(histogram.latest().recorded().raised()).isZero();
        assertThat(histogram.latest().recorded().max()).isLessThan(200);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theOwnerMayMoveToAnotherThread() {
        histogram.on(0).record(100);
        flipper.flip();
        histogram.on(0).record(100);
        CompletableFuture.runAsync(flipper::flip).join();

        assertThat(histogram.snapshot().count()).isEqualTo(2);
    }

    @Test
    void whatThereIsNoRoomForIsCountedAsMissed() {
        LoopHistogram loop = histogram.on(0);
        loop.record(100, Integer.MAX_VALUE - 1);
        loop.record(100, 2);
        loop.record(100);
        loop.record(1);
        flipper.flip();

        HistogramSnapshot recorded = histogram.latest().recorded();
        assertThat(recorded.count()).isEqualTo(Integer.MAX_VALUE);
        assertThat(recorded.missed()).isEqualTo(3);
        assertThat(recorded.raised()).isZero();

        loop.record(100, Integer.MAX_VALUE);
        flipper.flip();
        assertThat(histogram.latest().recorded().missed()).isZero();
        assertThat(histogram.latest().total().count()).isEqualTo(2L * Integer.MAX_VALUE);
    }

    @Test
    void activityGrowsWithEachRecordingAndNotWithFlips() {
        assertThat(histogram.activity()).isZero();
        histogram.on(1).record(100);
        assertThat(histogram.activity()).isEqualTo(1);
        flipper.flip();
        assertThat(histogram.activity()).isEqualTo(1);
        histogram.on(0).record(100, 3);
        assertThat(histogram.activity()).isEqualTo(4);
        for (int i = 0; i < 3; i++) {
            flipper.flip();
            histogram.on(0).record(100);
        }
        assertThat(histogram.activity()).isEqualTo(7);
    }

    @Test
    void hasOneOwner() {
        flipper.flip();
        HistogramFlipper second = new HistogramFlipper(ticker);
        second.add(List.of(histogram));
        histogram.on(0).record(100);

        assertThatIllegalStateException().isThrownBy(second::flip).withMessageContaining("(expected: one owner)");
        flipper.flip();
        assertThat(histogram.latest().recorded().count()).isEqualTo(1);
    }

    @Test
    void cantBeFlippedFromWithinAFlip() {
        List<Throwable> thrown = new ArrayList<>();
        flipper.add(() -> {
            try {
                flipper.flip();
            } catch (IllegalStateException e) {
                thrown.add(e);
            }
            return List.<StripedHistogram>of().iterator();
        });

        flipper.flip();
        flipper.flip();

        assertThat(thrown).hasSize(2).allSatisfy(e -> assertThat(e).hasMessageContaining("(expected: one owner)"));
    }

    @Test
    void aSpareRecordingServesHistogramsOfOneRangeOnly() {
        StripedHistogram same = new StripedHistogram(RANGE, 1);
        StripedHistogram wider = new StripedHistogram(new HistogramRange(1, 1_000_000, 3), 1);
        flipper.add(List.of(same, wider));
        for (int round = 1; round <= 3; round++) {
            histogram.on(0).record(50);
            same.on(0).record(60, 2);
            wider.on(0).record(999_999, 3);
            flipper.flip();

            assertThat(histogram.latest().recorded().sum()).isEqualTo(50);
            assertThat(same.latest().recorded().sum()).isEqualTo(120);
            assertThat(wider.latest().recorded().sum()).isEqualTo(3 * 999_999);
            assertThat(wider.latest().recorded().max()).isBetween(999_999L, 1_000_999L);
            assertThat(same.latest().total().count()).isEqualTo(2L * round);
        }
    }

    @Test
    void needsALoop() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StripedHistogram(RANGE, 0))
                .withMessage("loops: 0 (expected: >= 1)");
    }

    @Test
    void tenThousandValuesTakeLessThanAHundredKilobytes() {
        StripedHistogram latency = new StripedHistogram(HistogramRange.LATENCY, 2);
        flipper.add(List.of(latency));
        LoopHistogram loop = latency.on(0);
        for (int i = 0; i < 10_000; i++) {
            loop.record(1_000 + i * 5_999_900L);
        }
        flipper.flip();

        int recording = HistogramRange.LATENCY.recorder().getEstimatedFootprintInBytes();
        Interval interval = latency.latest();
        int snapshots = interval.recorded().footprintBytes() + interval.total().footprintBytes();
        assertThat(interval.recorded().count()).isEqualTo(10_000);
        assertThat(interval.recorded().lowered() + interval.recorded().raised()).isZero();
        assertThat(recording + snapshots).isBetween(54_000, 57_000);

        flipper.flip();
        assertThat(latency.latest().recorded().footprintBytes()).as("idle").isZero();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void losesNothingThatLoopsRecordWhileItIsFlipped() {
        int values = 2_000_000;
        List<ExecutorService> threads =
                List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
        StripedHistogram histogram = new StripedHistogram(RANGE, threads.size());
        HistogramFlipper flipper = new HistogramFlipper(ticker, WriterBarrier.of(threads, Duration.ofSeconds(30)));
        flipper.add(List.of(histogram));
        List<CompletableFuture<Void>> turns = new ArrayList<>();
        for (int i = 0; i < threads.size(); i++) {
            LoopHistogram loop = histogram.on(i);
            for (int turn = 0; turn < values / 20_000; turn++) {
                turns.add(CompletableFuture.runAsync(
                        () -> {
                            for (int n = 0; n < 20_000; n++) {
                                loop.record(n);
                            }
                        },
                        threads.get(i)));
            }
        }

        CompletableFuture<Void> all = CompletableFuture.allOf(turns.toArray(CompletableFuture[]::new));
        long count = 0;
        long raised = 0;
        long lowered = 0;
        double sum = 0;
        boolean done;
        do {
            done = all.isDone();
            assertThat(flipper.flip()).isTrue();
            HistogramSnapshot recorded = histogram.latest().recorded();
            count += recorded.count();
            sum += recorded.sum();
            raised += recorded.raised();
            lowered += recorded.lowered();
            assertThat(recorded.countUpTo(Long.MAX_VALUE)).isEqualTo(recorded.count());
        } while (!done);

        all.join();
        threads.forEach(ExecutorService::shutdown);
        HistogramSnapshot total = histogram.latest().total();
        assertThat(count).isEqualTo(2L * values).isEqualTo(total.count());
        assertThat(sum).isEqualTo(total.sum());
        assertThat(raised).isEqualTo(2 * 10 * (values / 20_000)).isEqualTo(total.raised());
        assertThat(lowered).isEqualTo(2 * 9_999 * (values / 20_000)).isEqualTo(total.lowered());
    }

    @Test
    void anIntervalGoesOnUntilItsWritersHaveComeToRest() {
        boolean[] atRest = {false};
        StripedHistogram stuck = new StripedHistogram(RANGE, 1);
        HistogramFlipper patient = new HistogramFlipper(ticker, () -> atRest[0]);
        patient.add(List.of(stuck));
        stuck.on(0).record(10);
        assertThat(patient.flip()).isFalse();
        assertThat(stuck.latest().total().count()).isZero();
        assertThat(stuck.activity()).isEqualTo(1);

        stuck.on(0).record(20);
        assertThat(patient.flip()).isFalse();
        assertThat(stuck.activity()).isEqualTo(2);
        atRest[0] = true;
        assertThat(patient.flip()).isTrue();
        assertThat(stuck.latest().recorded().sum()).isEqualTo(10);
        assertThat(patient.flip()).isTrue();
        assertThat(stuck.latest().recorded().sum()).isEqualTo(20);
        assertThat(stuck.latest().total().count()).isEqualTo(2);
    }

    @Test
    void aWriterThatTakesNoMoreTasksIsAtRest() {
        ExecutorService ended = Executors.newSingleThreadExecutor();
        ended.shutdown();
        assertThat(WriterBarrier.of(List.of(ended), Duration.ofSeconds(30)).await())
                .isTrue();
        assertThat(WriterBarrier.of(List.of(task -> {}), Duration.ofMillis(1)).await())
                .as("one that does nothing")
                .isFalse();
    }
}
