package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.config.upstream.EndpointConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What environment variables do: in the file, over the file, and without one. */
class ConfigVariablesTest {

    private static final String FILE = """
            listeners:
              - address: 127.0.0.1:${PORT:-8080}
            upstreams:
              chat-eu:
                endpoints: ["ws://${HOST}:9001", "ws://b:9001"]
            routes:
              - path: /${TIDEGATE_PATH:-chat}
                upstream: chat-eu
            """;

    @TempDir
    private Path directory;

    @Test
    void variablesInTheFileArePutIn() throws Exception {
        GatewayConfig config = load(Map.of("HOST", "a", "PORT", "1")).config();

        assertThat(config.listeners().get(0).address()).isEqualTo(new Address("127.0.0.1", 1));
        assertThat(uris(config.upstreams().get("chat-eu")))
                .containsExactly(URI.create("ws://a:9001"), URI.create("ws://b:9001"));
    }

    @Test
    void aVariableSetsAKeyOverTheFile() throws Exception {
        GatewayConfig config = load(Map.of(
                        "HOST", "a",
                        "TIDEGATE_LISTENERS_0_ADDRESS", "[::1]:1",
                        "TIDEGATE_UPSTREAMS_CHAT_EU_ENDPOINTS_1", "ws://c",
                        "TIDEGATE_UPSTREAMS_CHAT_EU_CONNECT_TIMEOUT", "9s",
                        "TIDEGATE_ROUTES_0_LIMITS_MESSAGE", "1KiB",
                        "TIDEGATE_EVENTLOOPS", "7",
                        "TIDEGATE_TRANSPORT", ""))
                .config();

        assertThat(config.listeners()).containsExactly(new ListenerConfig(new Address("::1", 1)));
        UpstreamConfig upstream = config.upstreams().get("chat-eu");
        assertThat(uris(upstream)).containsExactly(URI.create("ws://a:9001"), URI.create("ws://c:80"));
        assertThat(upstream.connectTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(config.routes().get(0).limits().message()).isEqualTo(1024);
        assertThat(config.eventLoops()).isEqualTo(7);
        assertThat(config.transport()).isEqualTo(Transport.AUTO);
    }

    @Test
    void aVariableAddsWhatTheFileLacks() throws Exception {
        GatewayConfig config = load(Map.of(
                        "HOST", "a",
                        "TIDEGATE_ADMIN_ADDRESS", "127.0.0.1:9",
                        "TIDEGATE_LISTENERS_1_ADDRESS", "127.0.0.1:2",
                        "TIDEGATE_UPSTREAMS_NEW_ONE_ENDPOINTS", "ws://x:1, ws://y:2/z",
                        "TIDEGATE_UPSTREAMS_NEW_ONE_CONNECTTIMEOUT", "1m",
                        "TIDEGATE_ROUTES_1_UPSTREAM", "new-one"))
                .config();

        assertThat(config.admin()).isEqualTo(new AdminConfig(new Address("127.0.0.1", 9), null));
        assertThat(config.listeners()).hasSize(2);
        assertThat(config.upstreams().get("new-one"))
                .isEqualTo(Configs.plain(
                        Duration.ofMinutes(1), List.of(URI.create("ws://x:1"), URI.create("ws://y:2/z"))));
        assertThat(config.routes().get(1).upstream()).isEqualTo("new-one");
    }

    @Test
    void aProblemThatComesFromAVariableNamesIt() {
        List<Problem> problems = problems(Map.of(
                "HOST", "a",
                "TIDEGATE_EVENT_LOOPS", "${X}",
                "TIDEGATE_LISTENERS_5_ADDRESS", "a:1",
                "TIDEGATE_ROUTES", "x",
                "TIDEGATE_LOG_LEVEL", "loud"));

        assertThat(problems)
                .extracting(Problem::message)
                .containsExactlyInAnyOrder(
                        "TIDEGATE_EVENT_LOOPS: eventLoops: ${X} (expected: a whole number from 0 to 1024)",
                        "TIDEGATE_LISTENERS_5_ADDRESS: listeners: the element 5 of 1 (expected: an index up to 1)",
                        "TIDEGATE_ROUTES: x (expected: a variable for each key of a list of routes)",
                        "TIDEGATE_LOG_LEVEL: log.level: loud (expected: one of off, error, warn, info, debug, trace)");
    }

    @Test
    void namesThatAreSpelledAlikeCannotBeSet() throws Exception {
        String twins = FILE.replace("routes:", "  chat.eu: {endpoints: [ws://c]}\nroutes:");
        Path file = Files.writeString(directory.resolve("twins.yaml"), twins);
        Map<String, String> env = Map.of("HOST", "a", "TIDEGATE_UPSTREAMS_CHAT_EU_BALANCE", "round-robin");

        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(file, env)))
                .hasMessageContaining("more than one name spelled like it");
    }

    @Test
    void aVariableThatMeansNoKeyIsOnlyWarnedOf() throws Exception {
        ConfigReader.Loaded loaded = load(Map.of(
                "HOST", "a",
                "TIDEGATE_PATH", "used-in-the-file",
                "TIDEGATE_SERVICE_HOST", "10.0.0.1",
                "TIDEGATE_LOG_LEVEL", "DEBUG",
                "TIDEGATE_UPSTREAMS_CHAT_EU_CONECT_TIMEOUT", "1s"));

        assertThat(loaded.config().routes().get(0).path()).isEqualTo("/used-in-the-file");
        assertThat(loaded.warnings())
                .extracting(Problem::message)
                .containsExactly(
                        "TIDEGATE_SERVICE_HOST: no key has this variable: ignored",
                        "TIDEGATE_UPSTREAMS_CHAT_EU_CONECT_TIMEOUT: no key has this variable: ignored (did you mean"
                                + " TIDEGATE_UPSTREAMS_CHAT_EU_CONNECT_TIMEOUT?)");
    }

    @Test
    void withoutAFileVariablesWinOverDefaultsAndOptionsOverVariables() throws Exception {
        Map<String, String> env = Map.of(
                "TIDEGATE_LISTENERS_0_ADDRESS", "127.0.0.1:1",
                "TIDEGATE_ADMIN_ADDRESS", "127.0.0.1:2",
                "TIDEGATE_UPSTREAMS_DEFAULT_ENDPOINTS", "ws://ignored",
                "TIDEGATE_UPSTREAMS_DEFAULT_CONNECT_TIMEOUT", "3s",
                "TIDEGATE_ROUTES_0_PATH", "/x");

        GatewayConfig config = ConfigReader.load(
                        new CommandLineConfig("127.0.0.1:7", null, List.of("ws://a:1", "ws://b:1"), null, null), env)
                .config();

        assertThat(config)
                .isEqualTo(new GatewayConfig(
                        List.of(new ListenerConfig(new Address("127.0.0.1", 7))),
                        new AdminConfig(new Address("127.0.0.1", 2), null),
                        Map.of(
                                "default",
                                Configs.plain(
                                        Duration.ofSeconds(3),
                                        List.of(URI.create("ws://a:1"), URI.create("ws://b:1")))),
                        List.of(Configs.route("/x", "*", "default", new LimitsConfig(1 << 20, 1 << 20))),
                        0,
                        Transport.AUTO,
                        GatewayConfig.DEFAULT_QUEUE_BYTES,
                        DrainConfig.DEFAULTS,
                        LogConfig.DEFAULTS));
    }

    @Test
    void withoutAFileContinuityIsTheOptionsOrTheVariables() throws Exception {
        List<String> upstreams = List.of("ws://a:1");
        Map<String, String> env = Map.of("TIDEGATE_ROUTES_0_CONTINUITY", "close");
        Map<String, String> more = Map.of("TIDEGATE_ROUTES_0_CONTINUITY", "reconnect");

        assertThat(mode(new CommandLineConfig(null, null, upstreams, null, null), Map.of()))
                .isEqualTo(Continuity.CLOSE);
        assertThat(mode(new CommandLineConfig(null, null, upstreams, null, null), more))
                .isEqualTo(Continuity.RECONNECT);
        assertThat(mode(new CommandLineConfig(null, null, upstreams, Continuity.RECONNECT, null), env))
                .isEqualTo(Continuity.RECONNECT);
    }

    private static Continuity mode(CommandLineConfig options, Map<String, String> env) throws Exception {
        return ConfigReader.load(options, env)
                .config()
                .routes()
                .get(0)
                .continuity()
                .mode();
    }

    @Test
    void theLogIsToldByVariablesInAnyLetterCaseAndByTheOption() throws Exception {
        Map<String, String> env =
                Map.of("TIDEGATE_LOG_FORMAT", "json", "TIDEGATE_LOG_LEVEL", "DEBUG", "TIDEGATE_LOG_ACCESS", "true");
        List<String> upstreams = List.of("ws://a:1");

        assertThat(ConfigReader.load(new CommandLineConfig(null, null, upstreams, null, null), env)
                        .config()
                        .log())
                .isEqualTo(new LogConfig(LogFormat.JSON, LogLevel.DEBUG, true));
        assertThat(ConfigReader.load(new CommandLineConfig(null, null, upstreams, null, "text"), env)
                        .config()
                        .log())
                .isEqualTo(new LogConfig(LogFormat.TEXT, LogLevel.DEBUG, true));
    }

    @Test
    void theTokenIsReadAndNeverShown() throws Exception {
        Map<String, String> env =
                Map.of("HOST", "a", "TIDEGATE_ADMIN_ADDRESS", "127.0.0.1:9", "TIDEGATE_ADMIN_TOKEN", "s3cret-token");

        GatewayConfig config = load(env).config();

        assertThat(config.admin()).isEqualTo(new AdminConfig(new Address("127.0.0.1", 9), "s3cret-token"));
        assertThat(config.toString()).doesNotContain("s3cret").contains("token=***");
    }

    @Test
    void aBadTokenIsNotShownEither() {
        List<Problem> problems = problems(
                Map.of("HOST", "a", "TIDEGATE_ADMIN_ADDRESS", "127.0.0.1:9", "TIDEGATE_ADMIN_TOKEN", "s3cret token"));

        assertThat(problems)
                .extracting(Problem::message)
                .containsExactly(
                        "TIDEGATE_ADMIN_TOKEN: admin.token: *** (expected: 1 to 512 letters, digits, -, ., _, ~,"
                                + " + and /, then any number of =)");
    }

    @Test
    void withoutAFileAProblemNamesItsOption() {
        CommandLineConfig options = new CommandLineConfig("nowhere", null, List.of("http://a"), null, null);

        ConfigException invalid =
                catchThrowableOfType(ConfigException.class, () -> ConfigReader.load(options, Map.of()));

        assertThat(invalid.problems()).extracting(Problem::source).containsExactlyInAnyOrder("--listen", "--upstream");
    }

    private static List<URI> uris(UpstreamConfig upstream) {
        return upstream.endpoints().stream().map(EndpointConfig::uri).toList();
    }

    private ConfigReader.Loaded load(Map<String, String> env) throws Exception {
        return ConfigReader.load(Files.writeString(directory.resolve("tidegate.yaml"), FILE), env);
    }

    private List<Problem> problems(Map<String, String> env) {
        return catchThrowableOfType(ConfigException.class, () -> load(env)).problems();
    }
}
