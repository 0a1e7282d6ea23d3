package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidegate.time.Ticker;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramSnapshotTest {

    private static final HistogramRange RANGE = new HistogramRange(1, 100_000, 3);

    private final HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
    private final StripedHistogram histogram = new StripedHistogram(RANGE, 1);
    private final HistogramSnapshot empty = HistogramSnapshot.empty(RANGE);

    HistogramSnapshotTest() {
        flipper.add(List.of(histogram));
    }

    @Test
    void nothingHasNoValues() {
        assertThat(empty.count()).isZero();
        assertThat(empty.sum()).isZero();
        assertThat(empty.mean()).isZero();
        assertThat(empty.max()).isZero();
        assertThat(empty.percentile(99)).isZero();
        assertThat(empty.countUpTo(100_000)).isZero();
        assertThat(empty.toHistogram().getTotalCount()).isZero();
        assertThat(empty.plus(empty).count()).isZero();
        assertThat(empty.minus(empty).count()).isZero();
    }

    @Test
    void percentilesAreThoseOfTheValues() {
        HistogramSnapshot snapshot = recorded(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

        assertThat(snapshot.percentile(0)).isEqualTo(1);
        assertThat(snapshot.percentile(50)).isEqualTo(5);
        assertThat(snapshot.percentile(90)).isEqualTo(9);
        assertThat(snapshot.percentile(99.9)).isEqualTo(10);
        assertThat(snapshot.percentile(100)).isEqualTo(10);
        assertThat(snapshot.max()).isEqualTo(10);
        assertThat(snapshot.mean()).isEqualTo(5.5);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 100.1, Double.NaN})
    void rejectsAPercentageThatIsNone(double percent) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> empty.percentile(percent))
                .withMessage("percent: " + percent + " (expected: 0-100)");
    }

    @Test
    void countsValuesUpToABound() {
        HistogramSnapshot snapshot = recorded(5, 10, 10, 1_000, 100_000);

        assertThat(snapshot.countUpTo(-1)).isZero();
        assertThat(snapshot.countUpTo(0)).isZero();
        assertThat(snapshot.countUpTo(9)).isEqualTo(1);
        assertThat(snapshot.countUpTo(10)).isEqualTo(3);
        assertThat(snapshot.countUpTo(99_000)).isEqualTo(4);
        assertThat(snapshot.countUpTo(Long.MAX_VALUE)).isEqualTo(5);
    }

    @Test
    void subtractingGivesWhatCameInBetween() {
        HistogramSnapshot earlier = recorded(0, 10, 20_000);
        HistogramSnapshot later = recorded(30, 200_000);

        HistogramSnapshot between = later.minus(earlier);
        assertThat(between.count()).isEqualTo(2);
        assertThat(between.sum()).isEqualTo(100_030);
        assertThat(between.raised()).isZero();
        assertThat(between.lowered()).isEqualTo(1);
        assertThat(between.countUpTo(30)).isEqualTo(1);
        assertThat(between.countUpTo(99_000)).isEqualTo(1);
        assertThat(later.count()).as("unchanged").isEqualTo(5);
        assertThat(earlier.count()).as("unchanged").isEqualTo(3);
        assertThat(later.minus(empty).count()).isEqualTo(5);
        assertThat(recorded(300_000).minus(later).lowered()).isEqualTo(1);
        assertThat(later.minus(later).count()).isZero();
        assertThat(later.minus(later).max()).isZero();
    }

    @Test
    void missedValuesAddAndSubtractToo() {
        histogram.on(0).record(10, Integer.MAX_VALUE);
        HistogramSnapshot earlier = recorded(10);
        histogram.on(0).record(10, Integer.MAX_VALUE);
        HistogramSnapshot later = recorded(10, 10);

        assertThat(later.missed()).isEqualTo(3);
        assertThat(later.minus(earlier).missed()).isEqualTo(2);
        assertThat(later.plus(earlier).missed()).isEqualTo(4);
    }

    @Test
    void noneIsAValueWhereOneIsTheLowest() {
        HistogramSnapshot sizes = recorded(0, 0, 10);
        assertThat(sizes.count()).isEqualTo(3);
        assertThat(sizes.sum()).isEqualTo(10);
        assertThat(sizes.raised()).isZero();
        assertThat(sizes.countUpTo(0)).isEqualTo(2);
    }

    @Test
    void addingPutsTwoSeriesTogether() {
        HistogramSnapshot small = recorded(-1, 10);
        StripedHistogram other = new StripedHistogram(RANGE, 1);
        flipper.add(List.of(other));
        other.on(0).record(500_000);
        flipper.flip();

        HistogramSnapshot both = small.plus(other.snapshot());
        assertThat(both.count()).isEqualTo(3);
        assertThat(both.sum()).isEqualTo(100_010);
        assertThat(both.raised()).isEqualTo(1);
        assertThat(both.lowered()).isEqualTo(1);
        assertThat(both.max()).isBetween(100_000L, 100_100L);
        assertThat(small.plus(empty).count()).isEqualTo(2);
        assertThat(empty.plus(small).max()).isEqualTo(10);
    }

    @Test
    void cantSubtractWhatCameLater() {
        HistogramSnapshot earlier = recorded(10);
        HistogramSnapshot later = recorded(20, 30);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> earlier.minus(later))
                .withMessage("earlier: 3 values, sum 60, p50 20, p99 30, max 30"
                        + " (expected: an earlier snapshot of the series of 1 values, sum 10, p50 10, p99 10, max 10)");
        assertThatIllegalArgumentException().isThrownBy(() -> empty.minus(later));
    }

    @Test
    void cantSubtractAnotherSeries() {
        HistogramSnapshot mine = recorded(10, 20_000);
        StripedHistogram other = new StripedHistogram(RANGE, 1);
        flipper.add(List.of(other));
        other.on(0).record(30);
        flipper.flip();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> mine.minus(other.snapshot()))
                .withMessageContaining("(expected: an earlier snapshot of the series");
    }

    @Test
    void cantSubtractMoreOutOfRangeThanThereWas() {
        HistogramSnapshot mine = recorded(1, 1);
        StripedHistogram other = new StripedHistogram(RANGE, 1);
        flipper.add(List.of(other));
        other.on(0).record(0);
        flipper.flip();

        assertThatIllegalArgumentException().isThrownBy(() -> mine.minus(other.snapshot()));
    }

    @Test
    void rangesDontMix() {
        HistogramSnapshot other = HistogramSnapshot.empty(HistogramRange.LATENCY);

        assertThatIllegalArgumentException().isThrownBy(() -> empty.plus(other)).withMessageStartingWith("range: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> empty.minus(other))
                .withMessageStartingWith("range: ");
    }

    @Test
    void givesAwayCopiesOnly() {
        HistogramSnapshot snapshot = recorded(10, 20);
        Histogram copy = snapshot.toHistogram();
        copy.recordValue(30);

        assertThat(copy.getTotalCount()).isEqualTo(3);
        assertThat(copy.getCountAtValue(20)).isEqualTo(1);
        assertThat(snapshot.count()).isEqualTo(2);
    }

    private HistogramSnapshot recorded(long... values) {
        for (long value : values) {
            histogram.on(0).record(value);
        }
        flipper.flip();
        return histogram.snapshot();
    }
}
