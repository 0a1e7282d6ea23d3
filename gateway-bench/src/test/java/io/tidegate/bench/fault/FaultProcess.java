package io.tidegate.bench.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.BenchProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code gateway-bench fault} as a process of its own. */
final class FaultProcess {

    private FaultProcess() {}

    /** @param directory where its standard error goes */
    static Process start(Path directory, String... options) throws Exception {
        List<String> command = BenchProcess.command("fault", options);
        // It is over before the second compiler pays.
        command.add("--gateway-jvm=-XX:TieredStopAtLevel=1");
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    /** Runs one that holds what it promises; its report. */
    static JsonNode held(Path directory, String... options) throws Exception {
        Process process = start(directory, options);
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(out + errors(directory)).isZero();
        JsonNode json = JsonMapper.builder().build().readTree(out);
        assertThat(json.get("ok").asBoolean()).isTrue();
        return json;
    }

    static String errors(Path directory) throws Exception {
        return Files.readString(directory.resolve("err"));
    }
}
