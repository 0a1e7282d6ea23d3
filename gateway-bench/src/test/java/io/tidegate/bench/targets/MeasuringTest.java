package io.tidegate.bench.targets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the table is made from, really measured, if only for a moment. */
class MeasuringTest {

    static {
        System.setProperty("jmh.ignoreLock", "true"); // others may measure on this machine: no test judges the times
    }

    private final List<String> progress = new ArrayList<>();

    @Test
    void benchmarksRunWithTheirParametersAndTellWhatTheyAllocate() throws Exception {
        Scores scores = new BenchmarkRun(true, progress::add)
                .run(List.of("MetricsBenchmark.flipIdle", "MetricsBenchmark.sweep"));

        Score flip = scores.of("MetricsBenchmark.flipIdle");
        assertThat(flip.nanos()).isPositive();
        assertThat(flip.bytes()).as("the interval, at least").isBetween(16.0, 1_000.0);
        assertThat(flip.allocatesNothing()).isFalse();
        assertThat(scores.of("MetricsBenchmark.sweep", Map.of("series", "100000"))
                        .nanos())
                .isGreaterThan(scores.of("MetricsBenchmark.sweep", Map.of("series", "1000"))
                        .nanos());
        assertThat(progress).containsExactly("1 of 2: MetricsBenchmark.flipIdle", "2 of 2: MetricsBenchmark.sweep");
    }

    @Test
    void nothingRunsWhenABenchmarkIsMissing() {
        assertThatThrownBy(() -> new BenchmarkRun(true, progress::add)
                        .run(List.of("MetricsBenchmark.count", "MetricsBenchmark.none")))
                .isInstanceOf(MissingBenchmarkException.class)
                .hasMessageContaining("MetricsBenchmark.none");
        assertThat(progress).isEmpty();
    }

    @Test
    void pausesOfALoopAreSeen() throws Exception {
        SweepPauses pauses = SweepPauses.measure(1, Duration.ofMillis(700), progress::add);

        assertThat(pauses.withoutNanos()).isPositive();
        assertThat(pauses.sweepingNanos()).isPositive().isLessThanOrEqualTo(pauses.worstNanos());
        assertThat(progress).containsExactly("event-loop pauses, 2 rounds of 700 ms");
    }

    @Test
    void metricsTakeTheMemoryTheySay() {
        Footprint footprint = Footprint.measure();

        assertThat(footprint.recordedBytes()).isBetween(45e3, 65e3);
        assertThat(footprint.histogramBytes()).isBetween(45e3, 45e3 + 20e3 * footprint.loops());
        assertThat(footprint.histogramBytes() - footprint.idleHistogramBytes()).isBetween(18e3, 26e3);
        assertThat(footprint.counterBytes()).isBetween(200.0, 500.0 + 128 * footprint.loops());
    }
}
