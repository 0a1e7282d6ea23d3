package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.time.Ticker;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Recording, flipping, adding and subtracting, against lists of values. */
class HistogramPropertyTest {

    private static final int LOOPS = 3;
    /** Values below 256 each have a bucket of their own. */
    private static final HistogramRange RANGE = new HistogramRange(1, 200, 2);

    private record Step(int loop, long value, int times) {

        boolean isFlip() {
            return loop == LOOPS;
        }

        long kept() {
            return Math.max(RANGE.floor(), Math.min(value, RANGE.highest()));
        }
    }

    /** What was recorded between two flips. */
    private static final class Model {
        private final List<Long> kept = new ArrayList<>();
        private long raised;
        private long lowered;

        void add(Step step) {
            for (int i = 0; i < step.times; i++) {
                kept.add(step.kept());
            }
            raised += step.value < RANGE.floor() ? step.times : 0;
            lowered += step.value > RANGE.highest() ? step.times : 0;
        }

        static Model of(List<Model> intervals) {
            Model all = new Model();
            for (Model interval : intervals) {
                all.kept.addAll(interval.kept);
                all.raised += interval.raised;
                all.lowered += interval.lowered;
            }
            return all;
        }
    }

    @Property(tries = 300)
    void everyIntervalIsWhatWasRecordedInIt(@ForAll("steps") List<Step> steps) {
        Run run = new Run(steps);

        for (int i = 0; i < run.intervals.size(); i++) {
            same(run.intervals.get(i), run.models.get(i));
        }
        same(run.totals.get(run.totals.size() - 1), Model.of(run.models));
    }

    @Property(tries = 300)
    void anyTwoTotalsSubtractToWhatLiesBetween(@ForAll("steps") List<Step> steps, @ForAll int one, @ForAll int other) {
        Run run = new Run(steps);
        int size = run.totals.size();
        int from = Math.min(Math.floorMod(one, size), Math.floorMod(other, size));
        int to = Math.max(Math.floorMod(one, size), Math.floorMod(other, size));

        HistogramSnapshot between = run.totals.get(to).minus(run.totals.get(from));

        same(between, Model.of(run.models.subList(from + 1, to + 1)));
        same(run.totals.get(from).plus(between), Model.of(run.models.subList(0, to + 1)));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, LOOPS),
                        Arbitraries.oneOf(
                                Arbitraries.longs().between(-5, 205),
                                Arbitraries.of(Long.MIN_VALUE, 0L, 1L, 200L, Long.MAX_VALUE)),
                        Arbitraries.integers().between(1, 4))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    private static final class Run {
        private final List<Model> models = new ArrayList<>();
        private final List<HistogramSnapshot> intervals = new ArrayList<>();
        private final List<HistogramSnapshot> totals = new ArrayList<>();

        Run(List<Step> steps) {
            StripedHistogram histogram = new StripedHistogram(RANGE, LOOPS);
            HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
            flipper.add(List.of(histogram));
            Model model = new Model();
            for (Step step : steps) {
                if (step.isFlip()) {
                    flipper.flip();
                    end(histogram, model);
                    model = new Model();
                } else {
                    histogram.on(step.loop).record(step.value, step.times);
                    model.add(step);
                }
            }
            flipper.flip();
            end(histogram, model);
        }

        private void end(StripedHistogram histogram, Model model) {
            models.add(model);
            intervals.add(histogram.latest().recorded());
            totals.add(histogram.latest().total());
        }
    }

    private static void same(HistogramSnapshot snapshot, Model model) {
        List<Long> sorted = model.kept.stream().sorted().toList();
        int count = sorted.size();
        assertThat(snapshot.count()).isEqualTo(count);
        assertThat(snapshot.sum()).isEqualTo(sorted.stream().mapToLong(v -> v).sum());
        assertThat(snapshot.raised()).isEqualTo(model.raised);
        assertThat(snapshot.lowered()).isEqualTo(model.lowered);
        assertThat(snapshot.max()).isEqualTo(count == 0 ? 0 : sorted.get(count - 1));
        for (double percent : new double[] {1, 50, 90, 99, 100}) {
            int rank = Math.max(1, (int) Math.ceil(Math.nextDown(percent) * count / 100));
            assertThat(snapshot.percentile(percent)).isEqualTo(count == 0 ? 0 : sorted.get(rank - 1));
        }
        for (long value = 0; value <= 200; value += 20) {
            long bound = value;
            assertThat(snapshot.countUpTo(bound))
                    .isEqualTo(sorted.stream().filter(v -> v <= bound).count());
        }
    }
}
