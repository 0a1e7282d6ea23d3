package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.BenchProcess;
import java.io.BufferedReader;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line, as a process of its own. */
class LoadProcessTest {

    @TempDir
    private Path directory;

    @Test
    void allIsFine() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            Path hlog = directory.resolve("run.hlog");
            Outcome outcome = load(
                    "--url=" + server.uri(),
                    "--connections=3",
                    "--rate=200",
                    "--duration=1200ms",
                    "--size=100",
                    "--json-rpc",
                    "--json",
                    "--hlog=" + hlog);

            assertThat(outcome.code).as(outcome.err).isZero();
            JsonNode json = JsonMapper.builder().build().readTree(outcome.out);
            assertThat(json.get("messages").get("received").asLong()).isEqualTo(240);
            assertThat(json.get("ok").asBoolean()).isTrue();
            assertThat(outcome.err).contains("open 3  sent ");
            assertThat(measured(hlog)).isEqualTo(240);
        }
    }

    @Test
    void lostMessagesShowInTheExitCode() throws Exception {
        try (EchoServer server = EchoServer.replyingEach((index, text) -> index == 5 ? List.of() : List.of(text))) {
            Outcome outcome =
                    load("--url=" + server.uri(), "--connections=1", "--rate=100", "--duration=200ms", "--linger=1s");

            assertThat(outcome.code).as(outcome.err).isEqualTo(1);
            assertThat(outcome.out).contains("received 19  lost 1");
        }
    }

    @Test
    void nothingToConnectTo() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Outcome outcome = load("--url=ws://127.0.0.1:" + port, "--connections=2");

        assertThat(outcome.code).isEqualTo(69);
        assertThat(outcome.err).contains("connection refused × 2", "expected: a WebSocket server that is reachable");
        assertThat(outcome.err.lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "--url=http://localhost, expected: ws://HOST",
        "--rate=5, Missing required option: '--url=WS_URL'",
        "--url=ws://localhost --size=3, size: 3 (expected: 24",
        "--url=ws://localhost --duration=soon, expected: a duration such as",
        "--url=ws://localhost --rate=5 --in-flight=5, expected: one of them",
        "--url=ws://localhost --colour=red, Unknown option"
    })
    void wrongUsage(String options, String words) throws Exception {
        Outcome outcome = load(options.split(" "));

        assertThat(outcome.code).isEqualTo(64);
        assertThat(outcome.err).contains(words).doesNotContain("\tat ");
    }

    @Test
    void anInterruptedRunPrintsWhatItHas() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            Process process = start("--url=" + server.uri(), "--connections=1", "--duration=5m", "--json");
            BufferedReader err = process.errorReader(UTF_8);
            assertThat(err.readLine()).isNotNull();
            while (!err.readLine().contains("received")) {
                // connecting
            }
            process.toHandle().destroy(); // SIGTERM ends a JVM the way SIGINT does

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            JsonNode json = JsonMapper.builder()
                    .build()
                    .readTree(process.getInputStream().readAllBytes());
            assertThat(json.get("interrupted").asBoolean()).isTrue();
            assertThat(json.get("messages").get("received").asLong()).isPositive();
            assertThat(process.exitValue()).isEqualTo(128 + 15);
        }
    }

    private record Outcome(int code, String out, String err) {}

    private Outcome load(String... options) throws Exception {
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(BenchProcess.command("load", options))
                .redirectError(err.toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), out, Files.readString(err));
    }

    private static Process start(String... options) throws Exception {
        return new ProcessBuilder(BenchProcess.command("load", options)).start();
    }

    private static long measured(Path hlog) throws Exception {
        long count = 0;
        try (HistogramLogReader reader = new HistogramLogReader(hlog.toFile())) {
            for (EncodableHistogram next = reader.nextIntervalHistogram();
                    next != null;
                    next = reader.nextIntervalHistogram()) {
                count += ((org.HdrHistogram.Histogram) next).getTotalCount();
            }
        }
        return count;
    }
}
