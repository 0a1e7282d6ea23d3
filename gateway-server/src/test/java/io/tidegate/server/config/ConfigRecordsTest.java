package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    void gateways() {
        Map<String, UpstreamConfig> upstreams = Map.of("chat", UPSTREAM);
        refused(() -> gateway(List.of(), upstreams, List.of(ROUTE), 0), "listeners: [] (expected: at least one)");
        refused(() -> gateway(LISTENERS, Map.of(), List.of(ROUTE), 0), "upstreams: {} (expected: at least one)");
        refused(() -> gateway(LISTENERS, upstreams, List.of(), 0), "routes: [] (expected: at least one)");
        refused(() -> gateway(LISTENERS, upstreams, List.of(ROUTE), -1), "eventLoops: -1 (expected: a whole number");
        refused(
                () -> gateway(LISTENERS, upstreams, List.of(route("/", "*", "chta")), 0),
                "routes[0].upstream: chta (expected: the name of an upstream: chat)");
        refused(
                () -> gateway(LISTENERS, upstreams, List.of(route("/", "A", "chat"), route("/", "a", "chat")), 0),
                "routes[1].path: / for the host a again");
    }

    private static void refused(ThrowingCallable making, String message) {
        assertThatIllegalArgumentException().isThrownBy(making).withMessageContaining(message);
    }

    private static UpstreamConfig upstream(List<URI> endpoints, Duration connectTimeout) {
        return Configs.upstream(connectTimeout, endpoints);
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
                listeners, null, upstreams, routes, loops, Transport.AUTO, GatewayConfig.DEFAULT_QUEUE_BYTES);
    }
}
