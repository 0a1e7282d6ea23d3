package io.tidegate.bench.targets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetTableTest {

    private final Scores scores = new Scores();
    private SweepPauses pauses = new SweepPauses(300_000, 1_000_000, 1_700_000);
    private Footprint footprint = new Footprint(102_400, 70_000, 40_000, 500, 2);

    /** Scores that just hold each budget. */
    BudgetTableTest() {
        for (String size : List.of("1024", "10240")) {
            scores.put("ContentHashBenchmark.xxh3", Map.of("size", size), new Score(100, 0));
            scores.put("ContentHashBenchmark.sha256", Map.of("size", size), new Score(1_000, 0));
        }
        scores.put("MetricsBenchmark.sweep", Map.of("series", "100000"), new Score(100e6, 300));
        scores.put("BreakerBenchmark.permitAndSuccess", Map.of(), new Score(100, 0.001));
        scores.put("BreakerBenchmark.permitAndFailure", Map.of(), new Score(100, 0.001));
        for (String check : List.of("check", "checkShared", "duplicate")) {
            dedup(check, 1_000, new Score(100, 0));
            dedup(check, 1_000_000, new Score(200, 0));
        }
        BudgetTable.BENCHMARKS.stream()
                .filter(name -> name.matches("(Metrics|Queue|Retry)Benchmark.*") && !name.endsWith(".sweep"))
                .forEach(name -> scores.put(name, Map.of(), new Score(1e9, 1e6)));
    }

    @Test
    void whatIsExactlyTheBudgetHoldsIt() throws Exception {
        TargetsReport report = report();

        assertThat(report.ok()).isTrue();
        assertThat(report.figures()).noneMatch(figure -> figure.verdict() == Verdict.MISSED);
        assertThat(report.figures())
                .filteredOn(figure -> figure.verdict() == Verdict.HELD)
                .extracting(Figure::name)
                .containsExactly(
                        "content hash, 1 KB",
                        "content hash, 10 KB",
                        "idle sweep, per 1,000 series of 100,000",
                        "event-loop pause while 100,000 series are swept",
                        "memory per 10,000 recorded values",
                        "breaker: permit + success",
                        "breaker: permit + failure",
                        "dedup: new key, by session",
                        "dedup: new key, by route",
                        "dedup: duplicate, by session");
    }

    @Test
    void allItsBenchmarksAreBuiltIn() {
        assertThat(BudgetTable.BENCHMARKS)
                .allSatisfy(name -> assertThat(BenchmarkRun.find(name)).endsWith(name));
    }

    @ParameterizedTest
    @CsvSource({
        "ContentHashBenchmark.xxh3, size, 1024, 101, 0, 'content hash, 1 KB'",
        "ContentHashBenchmark.sha256, size, 10240, 999, 0, 'content hash, 10 KB'",
        "MetricsBenchmark.sweep, series, 100000, 100000001, 0, 'idle sweep, per 1,000 series of 100,000'",
        "BreakerBenchmark.permitAndSuccess, , , 101, 0, breaker: permit + success",
        "BreakerBenchmark.permitAndSuccess, , , 50, 16, breaker: permit + success",
        "BreakerBenchmark.permitAndFailure, , , 50, 0.1, breaker: permit + failure"
    })
    void aScoreBeyondItsBudgetMissesIt(
            String benchmark, String parameter, String value, double nanos, double bytes, String missed)
            throws Exception {
        scores.put(benchmark, parameter == null ? Map.of() : Map.of(parameter, value), new Score(nanos, bytes));

        assertMissed(missed);
    }

    @ParameterizedTest
    @CsvSource({
        "check, 150, 201, 'dedup: new key, by session'",
        "checkShared, 201, 150, 'dedup: new key, by route'",
        "duplicate, 99, 200, 'dedup: duplicate, by session'"
    })
    void aDedupCheckHasItsTimeAndIsTheSameWithManyKeys(String check, double few, double many, String missed)
            throws Exception {
        dedup(check, 1_000, new Score(few, 0));
        dedup(check, 1_000_000, new Score(many, 0));

        assertMissed(missed);
    }

    @Test
    void aDedupCheckMayAllocate() throws Exception {
        dedup("duplicate", 1_000, new Score(100, 32));

        assertThat(report().ok()).isTrue();
    }

    @Test
    void aLongerPauseMissesItsBudget() throws Exception {
        pauses = new SweepPauses(300_000, 1_000_001, 1_700_000);

        assertMissed("event-loop pause while 100,000 series are swept");
    }

    @Test
    void aMachineThatPausesByItselfTellsNothing() throws Exception {
        pauses = new SweepPauses(1_000_001, 1_000_001, 1_700_000);

        assertThat(report().ok()).isFalse();
        assertThat(report().figures())
                .filteredOn(figure -> !figure.verdict().isFine())
                .extracting(Figure::verdict)
                .containsExactly(Verdict.UNCLEAR);

        pauses = new SweepPauses(5_000_000, 900_000, 900_000);
        assertThat(report().ok()).as("no pause with a sweep").isTrue();
    }

    @Test
    void moreMemoryMissesItsBudget() throws Exception {
        footprint = new Footprint(102_401, 70_000, 40_000, 500, 2);

        assertMissed("memory per 10,000 recorded values");
    }

    @Test
    void whatCantBeMeasuredYetSaysSoAndIsNotCounted() throws Exception {
        assertThat(report().figures())
                .filteredOn(figure -> figure.verdict() == Verdict.NOT_MEASURED)
                .extracting(Figure::name)
                .containsExactly("CPU per echo, all metrics on against all off");
    }

    @Test
    void aMissingScoreIsAnError() {
        assertThatThrownBy(() -> BudgetTable.of(new Scores(), pauses, footprint))
                .isInstanceOf(MissingBenchmarkException.class)
                .hasMessage("no benchmark ContentHashBenchmark.xxh3 {size=1024}"
                        + " (expected: one built into this program, see micro -l)");
    }

    private void dedup(String check, int keys, Score score) {
        scores.put("DedupBenchmark." + check, Map.of("keys", "" + keys), score);
    }

    private void assertMissed(String name) throws Exception {
        TargetsReport report = report();
        assertThat(report.ok()).isFalse();
        assertThat(report.figures())
                .filteredOn(figure -> figure.verdict() == Verdict.MISSED)
                .extracting(Figure::name)
                .containsExactly(name);
    }

    private TargetsReport report() throws Exception {
        return new TargetsReport(BudgetTable.of(scores, pauses, footprint), false);
    }
}
