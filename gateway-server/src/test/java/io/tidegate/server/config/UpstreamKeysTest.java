package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an upstream is told. */
class UpstreamKeysTest {

    private static final String FILE = """
            listeners: [{address: "127.0.0.1:0"}]
            routes: [{upstream: chat}]
            upstreams:
              chat:
            """;
    private static final String ONE = "endpoints: [ws://a:1]";

    @TempDir
    private Path directory;

    @Test
    void whatIsLeftOutHasItsDefault() throws Exception {
        assertThat(upstream(ONE))
                .isEqualTo(new UpstreamConfig(
                        List.of(new EndpointConfig(URI.create("ws://a:1"), 1)),
                        new BalanceConfig(Balance.ROUND_ROBIN, ""),
                        Duration.ofSeconds(2),
                        new DialRetryConfig(
                                new RetryConfig(
                                        5, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofMinutes(1)),
                                0.2),
                        BreakerConfig.DEFAULTS,
                        null,
                        500,
                        new DnsConfig(Duration.ofSeconds(5), List.of())));
        assertThat(upstream(ONE).retry()).isEqualTo(DialRetryConfig.DEFAULTS);
        assertThat(upstream(ONE).dns()).isEqualTo(DnsConfig.DEFAULTS);
        assertThat(upstream(ONE + "\n    health: {}").health())
                .isEqualTo(new HealthConfig(Duration.ofSeconds(5), Duration.ofSeconds(1)));
    }

    @Test
    void everyKeyIsMapped() throws Exception {
        UpstreamConfig upstream = upstream("""
                endpoints: [WS://A/x weight=3, "ws://[::1]:2   weight=100", ws://b:1]
                    balance: hash:query:user-id
                    connectTimeout: 1s
                    retry: {maxAttempts: 2, firstBackoff: 1ms, maxBackoff: 1s, deadline: 0s, budget: 100%}
                    breaker: {failureRate: 1%, window: 9, minimumCalls: 9, openFor: 1m, halfOpenCalls: 1}
                    health: {interval: 50ms, timeout: 10ms}
                    reconnectRate: 20/s
                    dns: {interval: 1s, servers: [10.0.0.2, "[::1]:5353", 127.0.0.1:54]}
                """);

        assertThat(upstream)
                .isEqualTo(new UpstreamConfig(
                        List.of(
                                new EndpointConfig(URI.create("ws://a:80/x"), 3),
                                new EndpointConfig(URI.create("ws://[::1]:2"), 100),
                                new EndpointConfig(URI.create("ws://b:1"), 1)),
                        new BalanceConfig(Balance.HASH_QUERY, "user-id"),
                        Duration.ofSeconds(1),
                        new DialRetryConfig(
                                new RetryConfig(2, Duration.ofMillis(1), Duration.ofSeconds(1), Duration.ZERO), 1),
                        BreakerConfig.DEFAULTS
                                .withFailureRate(0.01)
                                .withWindow(9, 9)
                                .withOpenFor(Duration.ofMinutes(1))
                                .withHalfOpen(1, BreakerConfig.DEFAULTS.halfOpenFor()),
                        new HealthConfig(Duration.ofMillis(50), Duration.ofMillis(10)),
                        20,
                        new DnsConfig(
                                Duration.ofSeconds(1),
                                List.of(
                                        new InetSocketAddress("10.0.0.2", 53),
                                        new InetSocketAddress("::1", 5353),
                                        new InetSocketAddress("127.0.0.1", 54)))));
        assertThat(upstream.endpoints())
                .extracting(EndpointConfig::toString)
                .contains("ws://a:80/x weight=3", "ws://b:1");
    }

    @ParameterizedTest
    @CsvSource({
        "round-robin, ROUND_ROBIN, ''",
        "least-connections, LEAST_CONNECTIONS, ''",
        "random-two, RANDOM_TWO, ''",
        "hash:header:X-User, HASH_HEADER, X-User",
        "hash:query:u, HASH_QUERY, u",
        "hash:client-ip, HASH_CLIENT_IP, ''"
    })
    void balances(String written, Balance kind, String name) throws Exception {
        BalanceConfig balance = upstream(ONE + "\n    balance: " + written).balance();

        assertThat(balance).isEqualTo(new BalanceConfig(kind, name));
        assertThat(balance).hasToString(written);
    }

    @Test
    void aVariableSetsEachOfThem() throws Exception {
        Map<String, String> env = new HashMap<>(Map.of(
                "TIDEGATE_UPSTREAMS_CHAT_ENDPOINTS", "ws://a:1 weight=2, ws://b:1",
                "TIDEGATE_UPSTREAMS_CHAT_BALANCE", "random-two",
                "TIDEGATE_UPSTREAMS_CHAT_RETRY_BUDGET", "5%",
                "TIDEGATE_UPSTREAMS_CHAT_BREAKER_OPEN_FOR", "1s",
                "TIDEGATE_UPSTREAMS_CHAT_HEALTH_INTERVAL", "9s",
                "TIDEGATE_UPSTREAMS_CHAT_RECONNECTRATE", "7/s",
                "TIDEGATE_UPSTREAMS_CHAT_DNS_SERVERS", "127.0.0.1:1,127.0.0.1:2"));

        UpstreamConfig upstream = load(ONE, env).upstreams().get("chat");

        assertThat(upstream.endpoints()).extracting(EndpointConfig::weight).containsExactly(2, 1);
        assertThat(upstream.balance().kind()).isEqualTo(Balance.RANDOM_TWO);
        assertThat(upstream.retry().budget()).isEqualTo(0.05);
        assertThat(upstream.breaker().openFor()).isEqualTo(Duration.ofSeconds(1));
        assertThat(upstream.health()).isEqualTo(new HealthConfig(Duration.ofSeconds(9), Duration.ofSeconds(1)));
        assertThat(upstream.reconnectRate()).isEqualTo(7);
        assertThat(upstream.dns().servers())
                .extracting(InetSocketAddress::getPort)
                .containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            endpoints: [ws://a weight=0]              | endpoints[0]: ws://a weight=0 (expected: ws://host:port or ws://host:port/path, each also with weight=N behind it, N from 1 to 100)
            endpoints: [ws://a weight=101]            | endpoints[0]: ws://a weight=101 (expected: ws://host
            endpoints: [ws://a weight=]               | endpoints[0]: ws://a weight= (expected: ws://host
            endpoints: [ws://a, ws://a:80 weight=2]   | endpoints: [ws://a:80, ws://a:80 weight=2] (expected: each only once, whatever its weight)
            balance: leastconnection                  | balance: leastconnection (expected: one of round-robin, least-connections, random-two, hash:header:NAME, hash:query:NAME, hash:client-ip; did you mean least-connections?)
            balance: "hash:header:"                   | balance: hash:header: (expected: one of
            balance: "hash:header:a b"                | balance: hash:header:a b (expected: one of
            balance: hash:query:a&b                   | balance: hash:query:a&b (expected: one of
            retry: {maxAttempts: 0}                   | retry.maxAttempts: 0 (expected: a whole number from 1 to 1000)
            retry: {firstBackoff: 0s}                 | retry.firstBackoff: 0s (expected: a duration from 1ms to 1h
            retry: {firstBackoff: 2s, maxBackoff: 1s} | retry.maxBackoff: 1s (expected: >= firstBackoff)
            retry: {firstBackoff: 11s}                | retry.maxBackoff: 10s (expected: >= firstBackoff)
            retry: {budget: 20}                       | retry.budget: 20 (expected: a percentage from 0% to 100% such as 50%)
            retry: {budget: 101%}                     | retry.budget: 101% (expected: a percentage
            breaker: {failureRate: 0%}                | breaker.failureRate: 0% (expected: a percentage from 1% to 100%
            breaker: {failureRate: 0.5}               | breaker.failureRate: 0.5 (expected: a percentage
            breaker: {window: 4}                      | breaker.minimumCalls: 5 (expected: 1 to the window, 4)
            breaker: {minimumCalls: 30}               | breaker.minimumCalls: 30 (expected: 1 to the window, 20)
            breaker: {halfOpenCalls: 0}               | breaker.halfOpenCalls: 0 (expected: a whole number from 1 to
            breaker: {openFor: 0s}                    | breaker.openFor: 0s (expected: a duration
            health:                                   | health: nothing (expected: a map with the keys of health checks: interval, timeout)
            health: {interval: 1ms}                   | health.interval: 1ms (expected: a duration from 10ms to 24h
            reconnectRate: 500                        | reconnectRate: 500 (expected: a rate from 1/s to 1000000/s such as 500/s)
            reconnectRate: 0/s                        | reconnectRate: 0/s (expected: a rate
            dns: {servers: [dns.internal]}            | dns.servers[0]: dns.internal (expected: an IP address and a port such as 10.0.0.2:53 or [::1]:53)
            dns: {servers: [1.2.3.400]}               | dns.servers[0]: 1.2.3.400 (expected: an IP address
            dns: {servers: ["1.2.3.4:70000"]}         | dns.servers[0]: 1.2.3.4:70000 (expected: an IP address
            dns: {servers: ["1.2.3.4:0"]}             | dns.servers[0]: 1.2.3.4:0 (expected: an IP address
            dns: {interval: 0s}                       | dns.interval: 0s (expected: a duration
            """)
    void aBadValueIsNamed(String keys, String message) {
        String text = keys.startsWith("endpoints") ? keys : ONE + "\n    " + keys;

        List<Problem> problems = catchThrowableOfType(ConfigException.class, () -> load(text, Map.of()))
                .problems();

        assertThat(problems)
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains(": upstreams.chat." + message);
    }

    @Test
    void contradictionsComeAtOnce() {
        String text = ONE + "\n    retry: {maxBackoff: 1ms}\n    breaker: {window: 1}\n    balance: none";

        List<Problem> problems = catchThrowableOfType(ConfigException.class, () -> load(text, Map.of()))
                .problems();

        assertThat(problems)
                .extracting(problem -> problem.line() + " " + problem.path())
                .containsExactly(
                        "6 upstreams.chat.retry.maxBackoff",
                        "7 upstreams.chat.breaker.minimumCalls",
                        "8 upstreams.chat.balance");
    }

    private UpstreamConfig upstream(String keys) throws Exception {
        return load(keys, Map.of()).upstreams().get("chat");
    }

    private GatewayConfig load(String keys, Map<String, String> env) throws Exception {
        return ConfigReader.read(Files.writeString(directory.resolve("bad.yaml"), FILE + "    " + keys), env);
    }
}
