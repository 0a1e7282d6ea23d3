package io.tidegate.bench.targets;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.targets.TargetsCommand.Measurement;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TargetsCommandTest {

    private static final Figure FAST = new Figure("fast", "<= 100 ns", 12.5, "ns", "12.5 ns", 0.001, Verdict.HELD);
    private static final Figure LATER = Figure.notMeasured("later", "<= 1 %", "nothing to measure");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsATable() {
        Figure stated = Figure.stated("told", 3, "KB", "3 KB", 24);

        assertThat(run((quick, progress) -> new TargetsReport(List.of(FAST, LATER, stated), quick)))
                .isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "figure  budget     measured            allocated  verdict",
                        "fast    <= 100 ns  12.5 ns             0 B/op     held",
                        "later   <= 1 %     nothing to measure             not measured yet",
                        "told               3 KB                24 B/op",
                        "1 of 1 budgets held");
    }

    @Test
    void printsJson() {
        assertThat(run((quick, progress) -> new TargetsReport(List.of(FAST, LATER), quick), "--json", "--quick"))
                .isZero();

        JsonNode json = JsonMapper.builder().build().readTree(out.toString());
        assertThat(json.get("ok").asBoolean()).isTrue();
        assertThat(json.get("quick").asBoolean()).isTrue();
        JsonNode fast = json.get("figures").get(0);
        assertThat(fast.get("figure").asString()).isEqualTo("fast");
        assertThat(fast.get("budget").asString()).isEqualTo("<= 100 ns");
        assertThat(fast.get("value").asDouble()).isEqualTo(12.5);
        assertThat(fast.get("unit").asString()).isEqualTo("ns");
        assertThat(fast.get("allocatedBytes").asDouble()).isEqualTo(0.001);
        assertThat(fast.get("verdict").asString()).isEqualTo("held");
        JsonNode later = json.get("figures").get(1);
        assertThat(later.get("verdict").asString()).isEqualTo("not-measured");
        assertThat(later.has("value")).isFalse();
        assertThat(later.has("allocatedBytes")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Verdict.class,
            names = {"MISSED", "UNCLEAR"})
    void oneBudgetThatIsNotHeldShowsInTheExitCode(Verdict verdict) {
        Figure slow = new Figure("slow", "<= 1 ms", 2, "ms", "2 ms", Double.NaN, verdict);

        assertThat(run((quick, progress) -> new TargetsReport(List.of(FAST, slow), quick), "--quick"))
                .isEqualTo(1);
        assertThat(out.toString())
                .contains(verdict.words())
                .contains("1 of 2 budgets held, 1 " + verdict.name().toLowerCase(java.util.Locale.ROOT))
                .contains("(quick: take it as a hint)");
    }

    @Test
    void aMissingBenchmarkIsAnErrorInOneLine() {
        assertThat(run((quick, progress) -> {
                    throw new MissingBenchmarkException("SomeBenchmark.some");
                }))
                .isEqualTo(70);
        assertThat(err.toString().lines())
                .containsExactly("targets: no benchmark SomeBenchmark.some"
                        + " (expected: one built into this program, see micro -l)");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aBenchmarkThatFailsIsAnErrorInOneLine() {
        assertThat(run((quick, progress) -> {
                    throw new RunnerException("thrown by a test");
                }))
                .isEqualTo(70);
        assertThat(err.toString().lines()).containsExactly("targets: thrown by a test");
    }

    @Test
    void progressGoesToStderr() {
        run((quick, progress) -> {
            progress.accept("1 of 2");
            return new TargetsReport(List.of(FAST), quick);
        });

        assertThat(err.toString().lines()).containsExactly("1 of 2");
    }

    @Test
    void wrongUsage() {
        assertThat(run((quick, progress) -> new TargetsReport(List.of(), quick), "--fast"))
                .isEqualTo(64);
    }

    private int run(Measurement measurement, String... args) {
        return new CommandLine(new TargetsCommand(measurement))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }
}
