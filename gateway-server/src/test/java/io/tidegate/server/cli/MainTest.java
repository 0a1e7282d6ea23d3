package io.tidegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.Gateway;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void versionIsNeverEmpty() {
        assertThat(Gateway.version()).isNotBlank();
        assertThat(run("version")).isZero();
        assertThat(out.toString())
                .contains("tidegate   " + Gateway.version(), "java       " + Runtime.version())
                .containsPattern("transport  (io_uring|epoll|nio)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "run --help", "check --help", "demo --help", "version --help"})
    void everyCommandHasHelp(String arguments) {
        assertThat(run(arguments)).isZero();
        assertThat(out.toString()).startsWith("Usage: tidegate");
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                   | a command is missing
            fly                                  | Unmatched argument
            check                                | Missing required option: '--config=FILE'
            check --confg x                      | Missing required option: '--config=FILE'
            run                                  | --config FILE or --upstream URI is missing
            run --config x --upstream ws://a     | --config excludes --listen, --admin, --log-format and --upstream
            run --config x --listen a:1          | --config excludes
            run --upstream http://a              | --upstream: upstreams.default.endpoints[0]: http://a (expected: ws://
            run --upstream ws://a --listen a     | --listen: listeners[0].address: a (expected: host:port
            demo --admin 9090                    | --admin: admin.address: 9090 (expected: host:port
            """)
    void wrongUsageIs64InOneLine(String arguments, String message) {
        assertThat(run(arguments)).isEqualTo(64);
        assertThat(err.toString().lines()).singleElement().asString().contains(message);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void checkSaysWhatAValidFileDoes() throws Exception {
        Path file = Files.writeString(directory.resolve("good.yaml"), """
                listeners: [{address: "127.0.0.1:8080"}]
                upstreams: {chat: {endpoints: [ws://a:1, ws://b:1]}}
                routes: [{path: /chat, host: example.com, upstream: chat}]
                """);

        assertThat(run("check", "--config", file.toString())).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        file + ": valid",
                        "  listener 127.0.0.1:8080",
                        "  no admin port",
                        "  route example.com/chat to chat [ws://a:1, ws://b:1], continuity close");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void checkReportsEveryProblemOnALine() throws Exception {
        Path file = Files.writeString(directory.resolve("bad.yaml"), "listners: []\nroutes: 1\n");

        assertThat(run("check", "--config", file.toString())).isEqualTo(78);
        assertThat(err.toString().lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line).startsWith(file + ":"));
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "run"})
    void aMissingFileIs78(String command) {
        Path file = directory.resolve("none.yaml");

        assertThat(run(command, "--config", file.toString())).isEqualTo(78);
        assertThat(err.toString().lines()).containsExactly(file + ": there is no such file");
    }

    @Test
    void onlyVerboseShowsAStackTrace() {
        assertThat(run("check", "--verbose", "--config", directory.toString())).isEqualTo(78);
        assertThat(err.toString()).contains("\tat io.tidegate");
    }

    private int run(String arguments) {
        return run(arguments.isEmpty() ? new String[0] : arguments.split(" "));
    }

    private int run(String... arguments) {
        return Main.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
