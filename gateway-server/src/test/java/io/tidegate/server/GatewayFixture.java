package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.tidegate.queue.Accounting;
import io.tidegate.server.config.Address;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.Configs;
import io.tidegate.server.config.DrainConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.config.ListenerConfig;
import io.tidegate.server.config.LogConfig;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.config.Transport;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A gateway for one test, with whatever peers the test makes through it.
 *
 * <p>After each test it closes the peers and holds that no session is left, that every message is accounted for and none is
 * kept, that the gateway logged no error and that no library below it complained. {@code -Dtidegate.test.transport=nio} runs the tests on another transport.
 */
final class GatewayFixture implements BeforeEachCallback, AfterEachCallback {

    /** No limits. */
    static final LimitsConfig UNLIMITED = new LimitsConfig(0, 0);

    private static final LimitsConfig DEFAULT = new LimitsConfig(1 << 20, 1 << 20);
    private static final Address ANY_PORT = new Address("127.0.0.1", 0);
    private static final int LOOPS = 2;

    /** Of the admin port, for {@link #startRoute}. */
    static final String TOKEN = "secret";

    /** What Reactor Netty says of a request that can't be parsed; {@link LogTest} has its own opinion on it. */
    static final String MALFORMED_REQUEST = "Decoding failed: ";

    private final Deque<AutoCloseable> peers = new ArrayDeque<>();
    /** For {@link #startRoute}. */
    Transport transport = transport();
    /** For {@link #startRoute}: one that doesn't open, unless a test says otherwise. */
    String breaker = "{window: 10000, minimumCalls: 10000}";

    /** For {@link #startRoute}: all leave at once, and there is time, unless a test says otherwise. */
    String drain = "{timeout: 20s, spread: 0s}";

    private int legs;
    private @Nullable LogCapture log;
    private @Nullable Gateway gateway;

    /** Two ends of one session. */
    record Ends(ScriptedClient client, UpstreamConnection upstream) {

        Peer end(Side side) {
            return side == Side.CLIENT ? client : upstream;
        }

        Peer other(Side side) {
            return side == Side.CLIENT ? upstream : client;
        }
    }

    /** Whose turn it is to misbehave. */
    enum Side {
        CLIENT,
        UPSTREAM
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        log = LogCapture.start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            while (!peers.isEmpty()) {
                peers.pop().close();
            }
            if (gateway != null) {
                awaitNoSession();
                stop();
            }
            assertThat(complaints()).isEmpty();
        } finally {
            try {
                stop();
            } finally {
                log().close();
            }
        }
    }

    private List<ILoggingEvent> complaints() {
        return log().atLeast(Level.WARN).stream()
                .filter(line -> !line.getLoggerName().startsWith("io.tidegate") || line.getLevel() == Level.ERROR)
                .filter(line -> !line.getFormattedMessage().contains(MALFORMED_REQUEST))
                .toList();
    }

    /** All that was logged since the test began. */
    LogCapture log() {
        return Objects.requireNonNull(log);
    }

    // the gateway

    /** Starts a gateway whose one route {@code /} leads to these upstreams, as endpoints of one. */
    Gateway start(ScriptedUpstream... endpoints) {
        return start(DEFAULT, endpoints);
    }

    Gateway start(LimitsConfig limits, ScriptedUpstream... endpoints) {
        return start(config(
                limits,
                Peer.PATIENCE,
                List.of(endpoints).stream().map(ScriptedUpstream::uri).toList()));
    }

    /** Starts a gateway whose one route {@code /} leads to these endpoints, and has little patience with them. */
    Gateway startImpatient(URI... endpoints) {
        return start(config(DEFAULT, Duration.ofMillis(500), List.of(endpoints)));
    }

    /**
     * Starts a gateway with one route {@code /} to these endpoints; what else there is to say of it stands in {@code route}, as in
     * a configuration file. Breakers stay closed, and waits are short.
     */
    Gateway startRoute(String route, ScriptedUpstream... endpoints) {
        return startRoutes("- upstream: only\n" + route.indent(2), endpoints);
    }

    /** The same with several routes, each an item of the list that {@code routes} is; the upstream's name is {@code only}. */
    Gateway startRoutes(String routes, ScriptedUpstream... endpoints) {
        String uris = Stream.of(endpoints).map(each -> each.uri().toString()).collect(Collectors.joining(", "));
        String file = """
                listeners: [{address: "127.0.0.1:0"}]
                admin: {address: "127.0.0.1:0", token: %s}
                eventLoops: %d
                transport: %s
                upstreams:
                  only:
                    endpoints: [%s]
                    connectTimeout: 10s
                    retry: {firstBackoff: 10ms, maxBackoff: 50ms}
                    breaker: %s
                drain: %s
                routes:
                """.formatted(TOKEN, LOOPS, transport.name().toLowerCase(Locale.ROOT), uris, breaker, drain)
                + routes.indent(2);
        try {
            Path path = Files.createTempFile("tidegate", ".yaml");
            try {
                return start(ConfigReader.read(Files.writeString(path, file), Map.of()));
            } finally {
                Files.delete(path);
            }
        } catch (ConfigException e) {
            throw new AssertionError(e.problems().toString(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Gateway start(GatewayConfig config) {
        try {
            gateway = Gateway.start(config);
            return gateway;
        } catch (BindException e) {
            throw new AssertionError(e);
        }
    }

    static GatewayConfig config(LimitsConfig limits, Duration connectTimeout, List<URI> endpoints) {
        return config(
                Map.of("only", Configs.upstream(connectTimeout, endpoints)),
                List.of(Configs.route("/", "*", "only", limits)));
    }

    static GatewayConfig config(Map<String, UpstreamConfig> upstreams, List<RouteConfig> routes) {
        return new GatewayConfig(
                List.of(new ListenerConfig(ANY_PORT)),
                new AdminConfig(ANY_PORT, null),
                upstreams,
                routes,
                LOOPS,
                transport(),
                GatewayConfig.DEFAULT_QUEUE_BYTES,
                DrainConfig.DEFAULTS,
                LogConfig.DEFAULTS);
    }

    /** The same with another admin port, or with none. */
    static GatewayConfig withAdmin(GatewayConfig config, @Nullable AdminConfig admin) {
        return new GatewayConfig(
                config.listeners(),
                admin,
                config.upstreams(),
                config.routes(),
                config.loops(),
                config.transport(),
                config.queueBytes(),
                config.drain(),
                config.log());
    }

    /** From lines such as {@code "chat.example /chat"}, each a route to the upstream of that index. */
    static GatewayConfig routes(List<String> hostsAndPaths, List<ScriptedUpstream> upstreams) {
        Map<String, UpstreamConfig> named = new LinkedHashMap<>();
        List<RouteConfig> routes = new ArrayList<>();
        for (int i = 0; i < upstreams.size(); i++) {
            String[] words = hostsAndPaths.get(i).split(" ", 2);
            String name = "u" + i;
            named.put(
                    name,
                    Configs.upstream(Peer.PATIENCE, List.of(upstreams.get(i).uri())));
            routes.add(Configs.route(words[1], words[0], name, DEFAULT));
        }
        return config(named, routes);
    }

    static Transport transport() {
        return Transport.valueOf(
                System.getProperty("tidegate.test.transport", "auto").toUpperCase(Locale.ROOT));
    }

    Gateway gateway() {
        return Objects.requireNonNull(gateway, "no gateway was started");
    }

    InetSocketAddress address() {
        return gateway().listeners().get(0);
    }

    InetSocketAddress admin() {
        return Objects.requireNonNull(gateway().admin());
    }

    MetricSnapshot metrics() {
        return MetricSnapshot.of(admin());
    }

    /** What became of all messages of clients, on all routes. */
    Accounting accounting() {
        return accounting(gateway());
    }

    private static Accounting accounting(Gateway gateway) {
        return RouteTraffic.accounting(gateway.traffic());
    }

    /** Waits until the accounts say so. */
    Accounting awaitAccounting(Predicate<Accounting> wanted) {
        await(() -> wanted.test(accounting()), () -> "the accounts are " + accounting());
        return accounting();
    }

    /** Waits until sessions have entered a state so often, in all. */
    void awaitState(SessionState state, long times) {
        await(() -> entered(state) >= times, () -> entered(state) + " times " + state.label());
    }

    private long entered(SessionState state) {
        return gateway().traffic().stream()
                .mapToLong(route -> route.states().getOrDefault(state.label(), 0L))
                .sum();
    }

    private static void await(BooleanSupplier wanted, Supplier<String> found) {
        long deadline = System.nanoTime() + Peer.PATIENCE.toNanos();
        while (!wanted.getAsBoolean()) {
            assertThat(deadline - System.nanoTime()).as(found).isPositive();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Each message that a client sent is accounted for once, and none is kept. */
    private static void assertBooksAreClosed(Gateway gateway) {
        for (RouteTraffic route : gateway.traffic()) {
            Accounting accounting = route.accounting();
            assertThat(accounting.balanced()).as(accounting::toString).isTrue();
            assertThat(accounting.queued() + accounting.unconfirmed())
                    .as(accounting::toString)
                    .isZero();
        }
    }

    void awaitNoSession() {
        awaitNoSession(Peer.PATIENCE);
    }

    void awaitNoSession(Duration patience) {
        MetricSnapshot.await(admin(), patience, now -> now.value("tidegate_connections") == 0);
    }

    void stop() {
        if (gateway != null) {
            Gateway stopping = gateway;
            gateway = null;
            stopping.stop(Peer.PATIENCE);
            assertBooksAreClosed(stopping);
        }
    }

    /** The test stopped the gateway itself. */
    void forget() {
        gateway = null;
    }

    // peers

    ScriptedUpstream upstream(Script script) {
        return track(ScriptedUpstream.start(script));
    }

    ScriptedClient connect(String target, String... headerLines) {
        return track(ScriptedClient.connect(address(), target, headerLines));
    }

    ScriptedClient connect(Handshake handshake) {
        return track(ScriptedClient.connect(address(), handshake));
    }

    ScriptedClient request(String target, String... headerLines) {
        return track(ScriptedClient.request(address(), target, headerLines));
    }

    ScriptedClient request(Handshake handshake) {
        return track(ScriptedClient.request(address(), handshake));
    }

    ScriptedClient open() {
        return track(ScriptedClient.open(address()));
    }

    /** A gateway with default limits, one session through it, and its two ends for the test to command. */
    Ends session() {
        return session(DEFAULT);
    }

    Ends session(LimitsConfig limits) {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        start(limits, upstream);
        return session(upstream);
    }

    /** One more session to an upstream that accepts. */
    Ends session(ScriptedUpstream upstream, String... headerLines) {
        ScriptedClient client = connect("/", headerLines);
        legs++;
        return new Ends(client, upstream.awaitConnection());
    }

    /** The next leg to an upstream that accepts, of the only session that is without one; it serves its session. */
    UpstreamConnection nextLeg(ScriptedUpstream upstream) {
        UpstreamConnection next = upstream.awaitConnection();
        awaitState(SessionState.RELAYING, ++legs);
        return next;
    }

    /** The session's leg dies, and another one takes its place. */
    UpstreamConnection replace(UpstreamConnection leg, ScriptedUpstream upstream) {
        leg.reset();
        return nextLeg(upstream);
    }

    /** Closes it after the test, before what was tracked earlier. */
    <T extends AutoCloseable> T track(T peer) {
        peers.push(peer);
        return peer;
    }
}
