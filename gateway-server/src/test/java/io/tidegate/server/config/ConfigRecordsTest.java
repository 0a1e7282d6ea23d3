package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidegate.queue.QueueConfig;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.PrologueConfig;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The records let nothing bad through, wherever it comes from. */
class ConfigRecordsTest {

    private static final URI ENDPOINT = URI.create("ws://a:1");
    private static final LimitsConfig LIMITS = new LimitsConfig(0, 0);
    private static final UpstreamConfig UPSTREAM = upstream(List.of(ENDPOINT), Duration.ofSeconds(1));
    private static final RouteConfig ROUTE = route("/", "*", "chat");
    private static final List<ListenerConfig> LISTENERS = List.of(new ListenerConfig(new Address("::1", 0)));

    @Test
    void addresses() {
        refused(() -> new Address("a b", 1), "address: a b port 1 (expected: host:port");
        refused(() -> new Address("a", -1), "address: a port -1");
        refused(() -> new Address("a", 65_536), "address: a port 65536");
    }

    @Test
    void limits() {
        refused(() -> new LimitsConfig(-1, 0), "message: -1 (expected: a size");
        refused(() -> new LimitsConfig(0, -1), "frame: -1 (expected: a size");
    }

    @Test
    void upstreams() {
        refused(() -> upstream(List.of(), Duration.ofSeconds(1)), "endpoints: [] (expected: at least one)");
        refused(() -> upstream(List.of(ENDPOINT, ENDPOINT), Duration.ofSeconds(1)), "(expected: each only once)");
        refused(() -> upstream(List.of(URI.create("wss://a")), Duration.ofSeconds(1)), "TLS to upstreams");
        refused(() -> upstream(List.of(ENDPOINT), Duration.ZERO), "connectTimeout: PT0S (expected: a duration");
        refused(() -> upstream(List.of(ENDPOINT), Duration.ofDays(1)), "connectTimeout: PT24H (expected: a duration");
    }

    @Test
    void routes() {
        refused(() -> route("chat", "*", "chat"), "path: chat (expected: a path that starts with /");
        refused(() -> route("/", "a:1", "chat"), "host: a:1 (expected: a host name");
        refused(() -> route("/", "*", "-"), "upstream: - (expected: the name of an upstream)");
    }

    @Test
    void endpoints() {
        refused(() -> new EndpointConfig(ENDPOINT, 0), "endpoint: ws://a:1 weight=0 (expected: ws://host:port");
        refused(() -> new EndpointConfig(ENDPOINT, 101), "endpoint: ws://a:1 weight=101 (expected: ws://host:port");
        refused(() -> new EndpointConfig(URI.create("ws://a:0"), 1), "(expected: ws://host:port");
        refused(
                () -> new BalanceConfig(Balance.HASH_HEADER, ""),
                "balance: hash:header: (expected: one of round-robin");
        refused(() -> new BalanceConfig(Balance.RANDOM_TWO, "x"), "balance: random-twox (expected: one of round-robin");
        refused(() -> new DialRetryConfig(RetryConfig.DEFAULTS, 1.1), "budget: 1.1 (expected: a percentage");
        refused(() -> new HealthConfig(Duration.ZERO, Duration.ofSeconds(1)), "interval: PT0S (expected: a duration");
        refused(() -> new HealthConfig(Duration.ofSeconds(1), Duration.ZERO), "timeout: PT0S (expected: a duration");
        refused(() -> new DnsConfig(Duration.ZERO, List.of()), "interval: PT0S (expected: a duration");
        refused(
                () -> new DnsConfig(
                        Duration.ofSeconds(1), List.of(InetSocketAddress.createUnresolved("dns.internal", 53))),
                "(expected: an IP address");
    }

    @Test
    void continuity() {
        Duration second = Duration.ofSeconds(1);
        Set<Integer> codes = Set.of(1001);
        refused(
                () -> close(Duration.ZERO, 1014, codes, Confirm.NONE, null),
                "reconnectFor: PT0S (expected: a duration");
        refused(() -> close(second, 1005, codes, Confirm.NONE, null), "upstreamLostCode: 1005 (expected: a Close code");
        refused(
                () -> close(second, 1014, Set.of(1001, 1006), Confirm.NONE, null),
                "lostCodes: [1001, 1006] (expected: a Close");
        refused(() -> close(second, 1014, Set.of(), Confirm.NONE, null), "lostCodes: [] (expected: at least one)");
        refused(() -> close(second, 1014, codes, Confirm.PING, null), "confirm: ping (expected: only with continuity");
        refused(() -> close(second, 1014, codes, Confirm.NONE, "x"), "onReplaced: x (expected: only with continuity");
        refused(() -> new RouteQueueConfig(QueueConfig.DEFAULTS, -1), "routeBytes: -1 (expected: a size");
        refused(() -> new PingConfig(Duration.ZERO, second, second), "interval: PT0S (expected: a duration");
        refused(() -> new PingConfig(second, Duration.ZERO, second), "timeout: PT0S (expected: a duration");
        refused(() -> new PingConfig(second, second, Duration.ZERO), "clientInterval: PT0S (expected: a duration");
        refused(() -> Replay.of(Set.of()), "replay: METHODS [] (expected: methods, or all or none of them)");
        refused(() -> new Replay(Replay.Kind.ALL, Set.of("a")), "replay: ALL [a] (expected: methods");
        refused(
                () -> new RequestsConfig(RequestsConfig.Preset.CUSTOM, null, null, Replay.ALL, null, second),
                "id: missing (expected: a JSON Pointer, or else a protocol)");
        refused(
                () -> new RequestsConfig(RequestsConfig.Preset.OCPP_J, null, null, Replay.ALL, null, Duration.ZERO),
                "timeout: PT0S (expected: a duration");
        refused(
                () -> new PrologueConfig(-1, null, Set.of(), null, Set.of("a"), false),
                "first: -1 (expected: a whole number from 1 to 1000); forget: [a] (expected: only with at)");
    }

    @Test
    void routesThatKeepWholeMessages() {
        ContinuityConfig reconnect = new ContinuityConfig(
                Continuity.RECONNECT, Duration.ofSeconds(1), 1014, Set.of(1001), Confirm.PING, "back");

        refused(
                () -> Configs.route("/", "*", "chat", reconnect, LIMITS),
                "limits.message: 0 (expected: a size > 0 where continuity is reconnect)");
        PrologueConfig prologue = new PrologueConfig(1, null, Set.of(), null, Set.of(), false);
        refused(
                () -> new RouteConfig(
                        "/",
                        "*",
                        "chat",
                        ContinuityConfig.DEFAULTS,
                        RouteQueueConfig.DEFAULTS,
                        null,
                        null,
                        prologue,
                        PingConfig.DEFAULTS,
                        LIMITS),
                "(expected: only with continuity: reconnect)");
    }

    @Test
    void tokens() {
        refused(() -> new AdminConfig(new Address("::1", 0), "a b"), "token: *** (expected: 1 to 512 letters");
    }

    private static ContinuityConfig close(
            Duration reconnectFor, int code, Set<Integer> lostCodes, Confirm confirm, String onReplaced) {
        return new ContinuityConfig(Continuity.CLOSE, reconnectFor, code, lostCodes, confirm, onReplaced);
    }

    @Test
    void gateways() {
        Map<String, UpstreamConfig> upstreams = Map.of("chat", UPSTREAM);
        refused(() -> gateway(List.of(), upstreams, List.of(ROUTE), 0), "listeners: [] (expected: at least one)");
        refused(() -> gateway(LISTENERS, Map.of(), List.of(ROUTE), 0), "upstreams: {} (expected: at least one)");
        refused(() -> gateway(LISTENERS, upstreams, List.of(), 0), "routes: [] (expected: at least one)");
        refused(() -> gateway(LISTENERS, upstreams, List.of(ROUTE), -1), "eventLoops: -1 (expected: a whole number");
        refused(
                () -> new GatewayConfig(
                        LISTENERS,
                        null,
                        upstreams,
                        List.of(ROUTE),
                        0,
                        Transport.AUTO,
                        0,
                        DrainConfig.DEFAULTS,
                        LogConfig.DEFAULTS),
                "queueBytes: 0 (expected: a size > 0");
        refused(
                () -> gateway(LISTENERS, upstreams, List.of(route("/", "*", "chta")), 0),
                "routes[0].upstream: chta (expected: the name of an upstream: chat)");
        refused(
                () -> gateway(LISTENERS, upstreams, List.of(route("/", "A", "chat"), route("/", "a", "chat")), 0),
                "routes[1].path: / for the host a again");
    }

    @Test
    void anAdminPortThatOthersCanReachHasAToken() {
        for (String host : List.of("0.0.0.0", "10.0.0.1", "::", "gateway.internal")) {
            Address address = new Address(host, 1);
            refused(
                    () -> new AdminConfig(address, null),
                    "token: missing (expected: a secret, as others than this machine may reach " + address);
            assertThat(new AdminConfig(address, "s3cret").toString()).doesNotContain("s3cret");
        }
        for (String host : List.of("127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST")) {
            assertThat(new AdminConfig(new Address(host, 1), null).token()).isNull();
        }
    }

    @Test
    void drains() {
        refused(() -> new DrainConfig(Duration.ofHours(2), Duration.ZERO, 1001), "timeout: PT2H (expected: a duration");
        refused(() -> new DrainConfig(Duration.ofSeconds(1), Duration.ofMillis(-1), 1001), "spread: PT-0.001S");
        refused(
                () -> new DrainConfig(Duration.ofSeconds(1), Duration.ZERO, 1005),
                "closeCode: 1005 (expected: a Close code");
        assertThat(new DrainConfig(Duration.ofSeconds(5), Duration.ofSeconds(10), 1001).spread())
                .isEqualTo(Duration.ofSeconds(5));
    }

    private static void refused(ThrowingCallable making, String message) {
        assertThatIllegalArgumentException().isThrownBy(making).withMessageContaining(message);
    }

    private static UpstreamConfig upstream(List<URI> endpoints, Duration connectTimeout) {
        return Configs.plain(connectTimeout, endpoints);
    }

    private static RouteConfig route(String path, String host, String upstream) {
        return Configs.route(path, host, upstream, LIMITS);
    }

    private static GatewayConfig gateway(
            List<ListenerConfig> listeners,
            Map<String, UpstreamConfig> upstreams,
            List<RouteConfig> routes,
            int loops) {
        return new GatewayConfig(
                listeners,
                null,
                upstreams,
                routes,
                loops,
                Transport.AUTO,
                GatewayConfig.DEFAULT_QUEUE_BYTES,
                DrainConfig.DEFAULTS,
                LogConfig.DEFAULTS);
    }
}
