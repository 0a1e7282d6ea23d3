package io.tidegate.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code micro} as a process of its own, on benchmarks that are over in a moment. */
class MicroProcessTest {

    private static final String[] MOMENT = {"-wi", "1", "-i", "1", "-w", "50ms", "-r", "50ms"};

    @TempDir
    private Path directory;

    @Test
    void aTableWithAllocationsComesLast() throws Exception {
        Outcome outcome = micro("MetricsBenchmark.flipIdle", MOMENT);

        assertThat(outcome.code).as(outcome.err).isZero();
        List<String> lines = outcome.out.lines().toList();
        assertThat(lines.get(lines.size() - 2)).matches("benchmark +parameters +mode +score +error +unit +allocated");
        assertThat(lines.get(lines.size() - 1))
                .matches("micro\\.MetricsBenchmark\\.flipIdle +avgt +[\\d,.]+ +ns/op +\\d+\\.\\d+ B/op");
    }

    @Test
    void anotherProfilerTakesItsPlace() throws Exception {
        Outcome outcome = micro("MetricsBenchmark.count$ -prof cl", MOMENT);

        assertThat(outcome.code).as(outcome.err).isZero();
        assertThat(outcome.out)
                .contains("class.load")
                .doesNotContain("gc.alloc")
                .doesNotContain("allocated");
    }

    @Test
    void jsonHasAllocationsToo() throws Exception {
        Outcome outcome = micro("--json MetricsBenchmark.flipIdle", MOMENT);

        assertThat(outcome.code).as(outcome.err).isZero();
        JsonNode json = JsonMapper.builder().build().readTree(outcome.out);
        assertThat(json.get(0).get("secondaryMetrics").has("gc.alloc.rate.norm"))
                .isTrue();
    }

    @Test
    void listsBenchmarks() throws Exception {
        Outcome outcome = micro("-l");

        assertThat(outcome.code).as(outcome.err).isZero();
        assertThat(outcome.out.lines()).contains("io.tidegate.bench.micro.MetricsBenchmark.flipIdle");
    }

    @Test
    void wrongUsage() throws Exception {
        Outcome outcome = micro("-zz");

        assertThat(outcome.code).isEqualTo(64);
        assertThat(outcome.err).contains("not a recognized option").doesNotContain("\tat ");
    }

    @Test
    void nothingToRun() throws Exception {
        Outcome outcome = micro("NoSuchBenchmark");

        assertThat(outcome.code).isEqualTo(70);
        assertThat(outcome.err.lines()).hasSize(1);
    }

    private record Outcome(int code, String out, String err) {}

    private Outcome micro(String words, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djmh.ignoreLock=true", // others may measure on this machine: no test judges the times
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "micro"));
        command.addAll(List.of(words.split(" ")));
        command.addAll(List.of(more));
        Path err = directory.resolve("err");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), out, Files.readString(err));
    }
}
