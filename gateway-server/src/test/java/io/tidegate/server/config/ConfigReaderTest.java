package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.server.config.document.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {

    private static final String LEAST = """
            listeners:
              - address: 127.0.0.1:0
            upstreams:
              chat:
                endpoints: [ws://127.0.0.1:9001]
            routes:
              - upstream: chat
            """;

    @TempDir
    private Path directory;

    @Test
    void whatIsLeftOutHasItsDefault() throws Exception {
        GatewayConfig config = read(LEAST);

        assertThat(config)
                .isEqualTo(new GatewayConfig(
                        List.of(new ListenerConfig(new Address("127.0.0.1", 0))),
                        null,
                        Map.of(
                                "chat",
                                Configs.plain(Duration.ofSeconds(2), List.of(URI.create("ws://127.0.0.1:9001")))),
                        List.of(Configs.route("/", "*", "chat", new LimitsConfig(1 << 20, 1 << 20))),
                        0,
                        Transport.AUTO,
                        GatewayConfig.DEFAULT_QUEUE_BYTES,
                        DrainConfig.DEFAULTS,
                        LogConfig.DEFAULTS));
        assertThat(config.loops()).isPositive();
    }

    @Test
    void everyKeyIsMapped() throws Exception {
        GatewayConfig config = read("""
                listeners:
                  - address: "[::1]:8080"
                  - address: gateway.internal:8081
                admin: {address: 0.0.0.0:9090, token: s3cret}
                upstreams:
                  chat-eu:
                    endpoints: [WS://Chat.Internal/v2, "ws://[::1]:9002"]
                    balance: round-robin
                    connectTimeout: 250ms
                routes:
                  - path: /chat
                    host: "*.Example.COM"
                    upstream: chat-eu
                    continuity: close
                    limits:
                      message: 16MiB
                      frame: 0
                eventLoops: 3
                transport: io_uring
                """);

        assertThat(config)
                .isEqualTo(new GatewayConfig(
                        List.of(
                                new ListenerConfig(new Address("::1", 8080)),
                                new ListenerConfig(new Address("gateway.internal", 8081))),
                        new AdminConfig(new Address("0.0.0.0", 9090), "s3cret"),
                        Map.of(
                                "chat-eu",
                                Configs.plain(
                                        Duration.ofMillis(250),
                                        List.of(
                                                URI.create("ws://chat.internal:80/v2"),
                                                URI.create("ws://[::1]:9002")))),
                        List.of(Configs.route("/chat", "*.example.com", "chat-eu", new LimitsConfig(16 << 20, 0))),
                        3,
                        Transport.IO_URING,
                        GatewayConfig.DEFAULT_QUEUE_BYTES,
                        DrainConfig.DEFAULTS,
                        LogConfig.DEFAULTS));
        assertThat(config.loops()).isEqualTo(3);
    }

    @Test
    void jsonIsReadToo() throws Exception {
        GatewayConfig config = read("""
                {
                \t"listeners": [{"address": "127.0.0.1:0"}],
                \t"upstreams": {"chat": {"endpoints": ["ws:\\/\\/127.0.0.1:9001"]}},
                \t"routes": [{"upstream": "chat", "limits": {"message": 512}}],
                \t"eventLoops": 2
                }
                """);

        assertThat(config.eventLoops()).isEqualTo(2);
        assertThat(config.routes().get(0).limits().message()).isEqualTo(512);
    }

    @Test
    void aByteOrderMarkIsIgnored() throws Exception {
        assertThat(read("\uFEFF" + LEAST)).isEqualTo(read(LEAST));
    }

    @Test
    void anAliasStandsForItsAnchor() throws Exception {
        GatewayConfig config = read(LEAST + """
                  - {path: /a, upstream: chat, limits: &small {message: 1KiB}}
                  - {path: /b, upstream: chat, limits: *small}
                """);

        assertThat(config.routes().get(2).limits()).isEqualTo(new LimitsConfig(1024, 1 << 20));
    }

    @Test
    void allProblemsComeAtOnceEachWithItsLine() {
        List<Problem> problems = problems("""
                listeners:
                  - adress: 127.0.0.1:8080
                admin: [1]
                upstreams:
                  chat:
                    endpoints: ws://127.0.0.1:9001
                    connectTimeout: 2
                  feed:
                    endpoints: [ws://127.0.0.1:9001, ws://127.0.0.1:9001]
                  feed: {}
                routes:
                  - path: chat
                    upstream: caht
                  - upstream: feed
                  - upstream: feed
                    limits: {connectTimeout: 3s}
                transport: epol
                """);

        assertThat(problems)
                .extracting(problem -> problem.line() + " " + problem.path() + " " + problem.found())
                .containsExactly(
                        "2 listeners[0].adress unknown key",
                        "2 listeners[0].address missing",
                        "3 admin a list",
                        "6 upstreams.chat.endpoints ws://127.0.0.1:9001, a single value",
                        "7 upstreams.chat.connectTimeout 2",
                        "9 upstreams.feed.endpoints[1] ws://127.0.0.1:9001 again",
                        "10 upstreams.feed a duplicate key (first in line 8)",
                        "12 routes[0].path chat",
                        "13 routes[0].upstream caht",
                        "15 routes[2].path / for the host * again",
                        "16 routes[2].limits.connectTimeout unknown key",
                        "17 transport epol");
        assertThat(problems)
                .extracting(Problem::suggestion)
                .contains("address", "chat", "upstreams.NAME.connectTimeout", "epoll");
        assertThat(problems)
                .allSatisfy(problem -> assertThat(problem.message())
                        .startsWith(problem.source() + ":" + problem.line() + ": " + problem.path() + ": ")
                        .doesNotContain("\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            address: 127.0.0.1:0 | address: 127.0.0.1     | listeners[0].address: 127.0.0.1 (expected: host:port such as 127.0.0.1:8080, localhost:8080 or [::1]:8080; 0.0.0.0 for all interfaces)
            address: 127.0.0.1:0 | address: :8080         | listeners[0].address: :8080 (expected: host:port
            address: 127.0.0.1:0 | address: a:70000       | listeners[0].address: a:70000 (expected: host:port
            address: 127.0.0.1:0 | address: 1.2.3.400:1   | listeners[0].address: 1.2.3.400:1 (expected: host:port
            address: 127.0.0.1:0 | address: "::1"         | did you mean [::1]:8080?
            ws://127.0.0.1:9001  | wss://a:1              | wss://a:1 (expected: ws://host:port or ws://host:port/path; TLS to upstreams is not in this version yet)
            ws://127.0.0.1:9001  | http://a:1             | http://a:1 (expected: ws://host:port or ws://host:port/path)
            ws://127.0.0.1:9001  | "ws://me:secret@a:1"   | ws://***@a:1 (expected: ws://host:port or ws://host:port/path, without a user name or password)
            ws://127.0.0.1:9001  | "ws://a:1/x?y"         | without a query
            ws://127.0.0.1:9001  | "ws://a:1/x#y"         | without a fragment
            ws://127.0.0.1:9001  | ws://a_b:1             | the host a name of letters, digits, - and ., or an IP address
            ws://127.0.0.1:9001  | ws://a:0               | the port from 1 to 65535
            ws://127.0.0.1:9001  | "ws://a b"             | ws://a b (expected: ws://host:port
            - upstream: chat     | - {upstream: chat, host: "a:80"}       | routes[0].host: a:80 (expected: a host name without a port, *.example.com, or *)
            - upstream: chat     | - {upstream: chat, path: "/a?b"}       | routes[0].path: /a?b (expected: a path that starts with /, percent-encoded, without ? and #)
            - upstream: chat     | - {upstream: chat, continuity: keep}   | routes[0].continuity: keep (expected: one of close, reconnect)
            - upstream: chat     | - {upstream: chat, limits: {frame: 64kB}} | routes[0].limits.frame: 64kB (expected: a size such as 512, 64KiB, 1MiB or 1GiB, or 0)
            - upstream: chat     | - {upstream: chat, limits: {frame: -1}}   | routes[0].limits.frame: -1 (expected: a size
            - upstream: chat     | - {upstream: chat, limits: {frame: 999999999999GiB}} | (expected: a size
            - upstream: chat     | - {upstream: chat, limits: }           | routes[0].limits: nothing (expected: a map with the keys of limits: message, frame)
            routes:              | eventLoops: 1025\\nroutes:             | eventLoops: 1025 (expected: a whole number from 0 to 1024)
            routes:              | eventLoops: two\\nroutes:              | eventLoops: two (expected: a whole number from 0 to 1024)
            routes:              | queue: {}\\nroutes:                    | queue: unknown key (expected: one of listeners, admin, upstreams, routes, eventLoops, transport, queueBytes, drain, log; did you mean routes[].queue?)
            endpoints:           | connectTimeout: 0s\\n    endpoints:    | connectTimeout: 0s (expected: a duration from 1ms to 1h such as 100ms, 2s, 5m or 1h)
            endpoints:           | connectTimeout: ${NONE}\\n    endpoints: | ${NONE} (expected: the environment variable NONE to be set, or a default)
            endpoints:           | connectTimeout: ${N:-9}\\n    endpoints: | 9 from ${N:-9} (expected: a duration
            chat:                | "-chat":               | upstreams: -chat (expected: a name of at most 64 letters
            """)
    void aBadValueIsNamed(String instead, String written, String message) {
        String text =
                LEAST.replaceFirst(Pattern.quote(instead), Matcher.quoteReplacement(written.replace("\\n", "\n")));

        assertThat(problems(text))
                .extracting(Problem::message)
                .anySatisfy(line -> assertThat(line).contains(message));
    }

    @Test
    void atLeastOneOfEach() {
        assertThat(problems("listeners: []\nupstreams: {}\nroutes: []\n"))
                .extracting(problem -> problem.line() + " " + problem.path() + " " + problem.found())
                .containsExactly("1 listeners an empty list", "2 upstreams an empty map", "3 routes an empty list");
        assertThat(problems("eventLoops: 1\n"))
                .extracting(Problem::path)
                .containsExactly("listeners", "upstreams", "routes");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                             | bad.yaml: an empty file (expected: a configuration)
            '# nothing here'               | bad.yaml: an empty file (expected: a configuration)
            'null'                         | bad.yaml: an empty file (expected: a configuration)
            'just words'                   | bad.yaml:1: just words, a single value (expected: a map
            '- a'                          | bad.yaml:1: a list (expected: a map with the keys of a configuration
            'a: 1\\n---\\nb: 2'            | bad.yaml:2: a second document (expected: one document in a file)
            'a:\\n\\tb: 1'                 | bad.yaml:2: syntax error in column 1
            'a: [1, 2'                     | syntax error in column
            'a: !!java.lang.Object x'      | bad.yaml:1: the tag tag:yaml.org,2002:java.lang.Object (expected: a value without a tag)
            '? {a: b}\\n: c'               | bad.yaml:1: a map as a key (expected: a word as a key)
            'a: &x [*x]'                   | bad.yaml:1: the alias *x (expected: an anchor &x that ends before it)
            'a: "\\u0000"'                 | bad.yaml:1: the control character U+0000 (expected: text)
            """)
    void whatIsNoConfigurationIsRefusedInOneLine(String text, String message) {
        String unescaped = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0000", "\0");

        assertThat(problems(unescaped))
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.message()).contains(message).doesNotContain("\n"));
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws IOException {
        Path file = Files.write(directory.resolve("bad.yaml"), new byte[] {'a', ':', '\n', (byte) 0xFF, (byte) 0xFE});

        assertThat(problems(file).get(0).message())
                .endsWith("bad.yaml:2: bytes that are not UTF-8 (expected: text in UTF-8)");
    }

    @Test
    void hugeNestingIsRefused() {
        assertThat(problems("a: " + "[".repeat(100_000)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("more than 40 levels"));
        assertThat(problems("a: " + "{b: ".repeat(100_000))).hasSize(1);
    }

    @Test
    void anAliasBombIsRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
        }

        assertThat(problems(bomb.toString()))
                .singleElement()
                .satisfies(
                        problem -> assertThat(problem.message()).contains("more than 100000 values, aliases expanded"));
    }

    @Test
    void aLargeFileIsRefused() {
        assertThat(problems("#".repeat(ConfigFile.LARGEST + 1)).get(0).found()).isEqualTo("more than 1 MiB");
    }

    @Test
    void whatCannotBeReadIsRefused() {
        assertThat(problems(directory.resolve("none.yaml")).get(0).found()).isEqualTo("there is no such file");
        assertThat(problems(directory).get(0).message()).endsWith(": a directory (expected: a file)");
    }

    @Test
    void aLongOrUnprintableValueStaysOnALine() {
        String text = LEAST.replace("127.0.0.1:0", "\"a\\nb\\e[31m" + "x".repeat(10_000) + "\"");

        assertThat(problems(text).get(0).message())
                .doesNotContain("\n", "\u001b")
                .hasSizeLessThan(1_000);
    }

    private GatewayConfig read(String text) throws Exception {
        return ConfigReader.read(file(text), Map.of());
    }

    private List<Problem> problems(String text) {
        return problems(file(text));
    }

    private static List<Problem> problems(Path file) {
        return catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(file, Map.of()))
                .problems();
    }

    private Path file(String text) {
        try {
            return Files.writeString(directory.resolve("bad.yaml"), text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
