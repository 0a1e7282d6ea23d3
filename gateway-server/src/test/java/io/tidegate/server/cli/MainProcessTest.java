package io.tidegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Exit codes and streams of real processes. */
@Timeout(120)
class MainProcessTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static final String VALID = """
            listeners: [{address: "127.0.0.1:0"}]
            upstreams: {chat: {endpoints: [ws://127.0.0.1:1]}}
            routes: [{upstream: chat}]
            """;

    private static final String ADMIN = "admin: {address: '127.0.0.1:0', token: t0ken}\n";
    private static final Pattern ADMIN_LINE = Pattern.compile("admin on (http://127\\.0\\.0\\.1:\\d+)");

    @TempDir
    private Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void versionIs0() throws Exception {
        Process process = start("version");

        assertThat(process.inputReader().lines().toList()).hasSize(3);
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void wrongUsageIs64() throws Exception {
        Process process = start("run", "--port", "80");

        assertThat(process.errorReader().lines().toList()).hasSize(1);
        assertThat(exitCode(process)).isEqualTo(64);
    }

    @Test
    void checkIs0ForAValidFile() throws Exception {
        Process process = start("check", "--config", file(VALID).toString());

        assertThat(process.inputReader().readLine()).endsWith(": valid");
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void checkIs78ForAHostileFile() throws Exception {
        for (String hostile : List.of("[".repeat(500_000), "a: \0\1\2", "a: &a [*a, *a]\nb: *c")) {
            Process process = start("check", "--config", file(hostile).toString());

            assertThat(process.errorReader().lines().toList()).hasSize(1).noneMatch(line -> line.contains("\tat "));
            assertThat(exitCode(process)).isEqualTo(78);
        }
    }

    @Test
    void anAddressThatIsTakenIs69AndTheOptionIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            Process process = start("demo", "--listen", "127.0.0.1:0", "--admin", address);

            assertThat(process.errorReader().lines().toList())
                    .singleElement()
                    .asString()
                    .contains("cannot bind " + address)
                    .endsWith("; choose another with --admin");
            assertThat(exitCode(process)).isEqualTo(69);
        }
    }

    @Test
    void runIs0WhenItIsToldToEnd() throws Exception {
        Process process = start("run", "--config", file(VALID).toString());

        await(process.errorReader(), Pattern.compile("INFO +tidegate - route / to chat \\[ws://127.0.0.1:1]"));
        terminate(process);

        assertThat(process.errorReader().lines().toList()).last().asString().endsWith("stopped");
        assertThat(exitCode(process)).isZero();
    }

    @Test
    void drainEndsAGatewayAndTellsWhatCameOfIt() throws Exception {
        Process gateway = start("run", "--config", file(VALID + ADMIN).toString());
        String admin = await(gateway.errorReader(), ADMIN_LINE).group(1);

        Process drain = start(Map.of("TIDEGATE_ADMIN_TOKEN", "t0ken"), "drain", "--admin", admin);

        assertThat(drain.inputReader().lines().toList())
                .startsWith("0 of 0 sessions left")
                .last()
                .asString()
                .matches("drained in \\d\\.\\d s: 0 sessions \\(0 closed, 0 by their peers, 0 cut off\\);.*")
                .contains("accounting: accepted 0 = delivered 0");
        assertThat(exitCode(drain)).isZero();
        assertThat(gateway.errorReader().lines().toList())
                .anyMatch(line -> line.contains("draining: an operator said so"))
                .anyMatch(line -> line.contains("drained in "))
                .last()
                .asString()
                .endsWith("stopped");
        assertThat(exitCode(gateway)).isZero();
    }

    @Test
    void statusShowsWhatIsInForceAndSinceWhenAndNoSecret() throws Exception {
        Process gateway = start("run", "--config", file(VALID + ADMIN).toString());
        String admin = await(gateway.errorReader(), ADMIN_LINE).group(1);

        Process status = start("status", "--admin", admin);

        assertThat(status.inputReader().lines().toList())
                .anyMatch(line -> line.matches("# tidegate \\S+, transport \\w+, 0 sessions, ready"))
                .anyMatch(line -> line.matches("# in force since \\d{4}-.*Z:"))
                .contains("      - ws://127.0.0.1:1", "  token: \"***\"", "  timeout: 30s")
                .noneMatch(line -> line.contains("t0ken"));
        assertThat(exitCode(status)).isZero();
    }

    @Test
    void aDrainThatIsRefusedIs70AndSaysWhy() throws Exception {
        Process gateway = start("run", "--config", file(VALID + ADMIN).toString());
        String admin = await(gateway.errorReader(), ADMIN_LINE).group(1);

        Process drain = start("drain", "--admin", admin, "--token", "guess");

        assertThat(drain.errorReader().lines().toList())
                .singleElement()
                .asString()
                .contains(admin + "/api/drain answers 401: wrong token (expected: ");
        assertThat(exitCode(drain)).isEqualTo(70);
        assertThat(gateway.isAlive()).isTrue();
    }

    @Test
    void aDrainOfNobodyIs70AndNamesWhereNobodyAnswers() throws Exception {
        Process drain = start("drain", "--admin", "127.0.0.1:1");

        assertThat(drain.errorReader().lines().toList())
                .containsExactly(
                        "tidegate: no gateway answers at http://127.0.0.1:1/ (expected: a running one's admin port)");
        assertThat(exitCode(drain)).isEqualTo(70);
    }

    @Test
    void aDrainAtNoUrlIs64() throws Exception {
        Process drain = start("drain", "--admin", "ftp://x y");

        assertThat(drain.errorReader().lines().toList())
                .singleElement()
                .asString()
                .contains("--admin: ftp://x y (expected: a URL such as http://127.0.0.1:9090)");
        assertThat(exitCode(drain)).isEqualTo(64);
    }

    @Test
    void aSecondSignalMakesShortWorkOfADrain() throws Exception {
        try (ScriptedUpstream upstream = ScriptedUpstream.start(Script.ECHO)) {
            String file = VALID.replace("ws://127.0.0.1:1", upstream.uri().toString());
            Process gateway = start(
                    "run",
                    "--config",
                    file(file + "drain: {timeout: 1h, spread: 1h}\n").toString());
            String port = await(gateway.errorReader(), Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)"))
                    .group(1);
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
            try (ScriptedClient client = ScriptedClient.connect(address, "/")) {
                client.send(Frame.text("there?"));
                assertThat(client.awaitFrame()).isEqualTo(Frame.text("there?"));

                terminate(gateway);
                await(
                        gateway.errorReader(),
                        Pattern.compile("SIGTERM: draining; again, and sessions are closed at once"));
                assertThat(client.frames()).hasSize(1);
                terminate(gateway);

                assertThat(client.awaitFrame()).isEqualTo(Frame.close(1001, "gateway stopping"));
                client.sendClose(1001, "");
                assertThat(gateway.errorReader().lines().toList())
                        .anyMatch(line -> line.contains("1 sessions (1 closed, 0 by their peers, 0 cut off)"));
                assertThat(exitCode(gateway)).isZero();
            }
        }
    }

    @Test
    void everyLineOfTheLogIsJsonFromTheFirstOn() throws Exception {
        Process process = start(
                Map.of("TIDEGATE_LOG_FORMAT", "json", "TIDEGATE_NO_KEY", "1"),
                "run",
                "--config",
                file(VALID).toString());

        List<String> lines = linesUntil(process.errorReader(), Pattern.compile("route / to chat"));
        terminate(process);
        process.errorReader().lines().forEach(lines::add);

        assertThat(exitCode(process)).isZero();
        assertThat(lines)
                .hasSizeGreaterThan(5)
                .allSatisfy(line -> assertThat(JSON.readTree(line).propertyNames())
                        .startsWith("time", "level", "logger", "message"));
        assertThat(lines.get(0)).contains("TIDEGATE_NO_KEY: no key has this variable");
    }

    @Test
    void theFormatAndTheLevelAreTheFilesOnceItIsRead() throws Exception {
        String file = VALID + "log: {format: json, level: warn}\n";
        Process process = start(
                Map.of("TIDEGATE_NO_KEY", "1"), "run", "--config", file(file).toString());

        String line = process.errorReader().readLine();
        terminate(process);

        assertThat(JSON.readTree(line).get("message").asString()).startsWith("TIDEGATE_NO_KEY");
        assertThat(process.errorReader().lines()).isEmpty();
    }

    @Test
    void theFormatIsAlsoAnOption() throws Exception {
        Process process = start(
                "run",
                "--listen",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--upstream",
                "ws://127.0.0.1:1",
                "--log-format",
                "json");

        List<String> lines = linesUntil(process.errorReader(), Pattern.compile("route / to default"));
        terminate(process);

        assertThat(lines)
                .allSatisfy(line -> assertThat(JSON.readTree(line).isObject()).isTrue());
    }

    @Test
    void aFormatThatIsNoneIs64() throws Exception {
        Process process = start("run", "--upstream", "ws://127.0.0.1:1", "--log-format", "xml");

        assertThat(process.errorReader().lines().toList())
                .containsExactly("--log-format: log.format: xml (expected: one of text, json)");
        assertThat(exitCode(process)).isEqualTo(64);
    }

    @Test
    void demoServesAndTalks() throws Exception {
        Process process = start("demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0");

        Matcher ready = await(process.inputReader(), Pattern.compile("curl (http://.*/readyz)"));
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(ready.group(1))).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        await(process.errorReader(), Pattern.compile("client 5: connected"));
        terminate(process);

        assertThat(exitCode(process)).isZero();
    }

    @Test
    void demoWithChaosLosesItsUpstreamAndNoClient() throws Exception {
        Process process = start("demo", "--chaos", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0");

        BufferedReader log = process.errorReader();
        Pattern told = Pattern.compile("(\\d+) messages sent, (\\d+) echoed, 5 connects");
        Matcher before = await(log, told);
        await(log, Pattern.compile("the upstream stops"));
        await(log, Pattern.compile("the upstream is back"));
        Matcher after = await(log, told);
        terminate(process);

        assertThat(exitCode(process)).isZero();
        int sent = Integer.parseInt(after.group(1));
        assertThat(sent).isGreaterThan(Integer.parseInt(before.group(1)));
        // What waited while it was away is there; at most a message of each client was on its way, and has no echo.
        assertThat(Integer.parseInt(after.group(2))).isBetween(sent - 10, sent);
    }

    private static Matcher await(BufferedReader lines, Pattern pattern) throws IOException {
        List<String> seen = linesUntil(lines, pattern);
        Matcher matcher = pattern.matcher(seen.get(seen.size() - 1));
        assertThat(matcher.find()).isTrue();
        return matcher;
    }

    /** All lines up to the first one with it. */
    private static List<String> linesUntil(BufferedReader lines, Pattern pattern) throws IOException {
        List<String> seen = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            seen.add(line);
            if (pattern.matcher(line).find()) {
                return seen;
            }
        }
        throw new AssertionError("no line with " + pattern + " in " + seen);
    }

    /** SIGTERM, by the handle: the process's own method would close its streams too. */
    private static void terminate(Process process) {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("tidegate.yaml"), text);
    }

    private Process start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    private Process start(Map<String, String> variables, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=logback.xml", // not the one of the tests
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        if (Runtime.version().feature() >= 22) {
            // The runnable jar says this in its manifest.
            command.add(1, "--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TIDEGATE_"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        started.add(process);
        // So that a test that waits for a line in vain ends, by the end of the stream.
        CompletableFuture.delayedExecutor(90, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }
}
