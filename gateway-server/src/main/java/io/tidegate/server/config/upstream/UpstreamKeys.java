package io.tidegate.server.config.upstream;

import io.netty.util.NetUtil;
import io.tidegate.breaker.BreakerConfig;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Quantity;
import io.tidegate.server.config.key.Scalar;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of an upstream. */
public final class UpstreamKeys {

    private static final int MOST_CALLS = 1_000_000;
    private static final int DNS_PORT = 53;
    private static final Pattern DNS_SERVER = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9.]+))(?::([0-9]{1,5}))?");
    private static final String DNS_SERVER_EXPECTED = "an IP address and a port such as 10.0.0.2:53 or [::1]:53";

    /** Where the servers are. */
    public static final Key<List<EndpointConfig>> ENDPOINTS =
            Key.required("endpoints", new Listing<>(Endpoints.SHAPE, "endpoints"), """
            The servers, each `ws://host:port` or `ws://host:port/path`; the port is 80 when left out. An endpoint \
            without a path, or with only `/`, receives the client's path and query byte for byte. With a path, the \
            route's prefix is replaced by the endpoint's path and the rest follows, as nginx's `proxy_pass` with a \
            URI does: route `/chat` and endpoint `ws://10.0.0.5:9001/v2` turn `/chat/room?id=1` into `/v2/room?id=1`. \
            Behind the address may stand ` weight=N`, 1 to 100, 1 when left out: of its upstream's connections, an \
            endpoint with `weight=3` gets three times as many as one without. A host name stands for all addresses \
            it has, see `dns`. TLS to upstreams (`wss://`) is not in this version yet.""");

    /** Which endpoint. */
    public static final Key<BalanceConfig> BALANCE =
            Key.withDefault("balance", BalanceConfig.SHAPE, "round-robin", """
            How the endpoint for a new upstream leg is picked. `round-robin`: one after the other. \
            `least-connections`: the one with the fewest connections from this gateway. `random-two`: two at random, \
            and of these the one with fewer connections, which spreads well when many gateways share the endpoints. \
            `hash:header:NAME`, `hash:query:NAME` and `hash:client-ip`: always the same one for the same header of \
            the client's request, parameter in its query, or client address; when an endpoint comes or goes, only \
            its own share moves. A request without the header or parameter goes by its client address. Weights count \
            in all of them. Endpoints that are drained, or have an open breaker, are passed over, and so are those \
            whose health checks fail, as long as there are others. After a loss, and when legs are moved, the key \
            decides as before, and where there is none, the fewest connections.""");

    private static final Key<Integer> MAX_ATTEMPTS = Key.withDefault("maxAttempts", Quantity.count(1, 1000), "5", """
            How many endpoints are tried for one client before it gets its 101, the first included; the same one \
            again when there are fewer. Then the client gets 502, or 504 after a timeout.""");

    private static final Key<Duration> FIRST_BACKOFF =
            Key.withDefault("firstBackoff", Quantity.duration("1ms", "1h"), "100ms", """
            The most that the first wait for an endpoint that was tried already may take; others are tried at once. \
            Each wait is random between zero and a ceiling, which starts here and doubles with every wait, so that \
            clients who found the same endpoint gone don't come back all at once. Only before the 101: the ceiling \
            for a session whose upstream leg was lost is the time since the loss, at least 50 ms.""");

    private static final Key<Duration> MAX_BACKOFF =
            Key.withDefault("maxBackoff", Quantity.duration("1ms", "1h"), "10s", """
            The highest ceiling of a wait between two tries; at least `firstBackoff`. It also bounds how long a \
            session whose upstream leg was lost may wait after an endpoint is back, before it stands in the line that \
            `reconnectRate` paces.""");

    private static final Key<Duration> DEADLINE =
            Key.withDefault("deadline", Quantity.duration("0s", "24h"), "60s", """
            How long a client may wait for its 101, all tries and waits together. `0s`: no deadline but what \
            `maxAttempts` makes of it. Does not hold for a session whose upstream leg was lost: that one is dialled \
            for `reconnectFor`.""");

    static final Key<Double> BUDGET = Key.withDefault("budget", Quantity.percent(0, 100), "20%", """
            The most that retries may add to the load: the share of retries in the fresh dials of all clients \
            together, and 10 a second on top. When it is used up, a client whose dial failed gets its 502 or 504 at \
            once. `0%`: only the 10 a second. Dials after a loss don't count: `reconnectRate` bounds them.""");

    /** Once more. */
    public static final Key<DialRetryConfig> RETRY = Key.withDefaults(
            "retry",
            new Group<>(
                    "retry",
                    List.of(MAX_ATTEMPTS, FIRST_BACKOFF, MAX_BACKOFF, DEADLINE, BUDGET),
                    bound -> new DialRetryConfig(
                            new RetryConfig(
                                    bound.get(MAX_ATTEMPTS),
                                    bound.get(FIRST_BACKOFF),
                                    bound.get(MAX_BACKOFF),
                                    bound.get(DEADLINE)),
                            bound.get(BUDGET))),
            """
            How a dial that failed is tried again, at other endpoints first. All of it is for clients who wait for \
            their 101; for a session whose upstream leg was lost only `maxBackoff` holds.""");

    private static final Key<Double> FAILURE_RATE =
            Key.withDefault("failureRate", Quantity.percent(1, 100), "50%", """
            An endpoint's breaker opens when this share of the calls in its window failed: dials and handshakes that \
            fail, time out or are answered with a status of 500 and above, legs lost within a second after their \
            handshake, and legs that don't answer pings. A client that goes never counts.""");

    private static final Key<Integer> WINDOW = Key.withDefault("window", Quantity.count(1, MOST_CALLS), "20", """
            How many of the last calls are judged.""");

    private static final Key<Integer> MINIMUM_CALLS =
            Key.withDefault("minimumCalls", Quantity.count(1, MOST_CALLS), "5", """
            No judgement before this many calls; at most `window`. With `1` a single failure opens the breaker.""");

    private static final Key<Duration> OPEN_FOR =
            Key.withDefault("openFor", Quantity.duration("1ms", "24h"), "10s", """
            How long an endpoint with an open breaker is not dialled. Then a few probes are let through. Meanwhile \
            the gateway looks by itself whether the endpoint is back, with one connection and at growing pauses, 5 s \
            at most; when it is, the wait ends early.""");

    private static final Key<Integer> HALF_OPEN_CALLS =
            Key.withDefault("halfOpenCalls", Quantity.count(1, MOST_CALLS), "3", """
            How many probes a half-open breaker lets through at once; by their results it closes, or opens again.""");

    /** Not for a while. */
    public static final Key<BreakerConfig> BREAKER = Key.withDefaults(
            "breaker",
            new Group<>(
                    "a breaker",
                    List.of(FAILURE_RATE, WINDOW, MINIMUM_CALLS, OPEN_FOR, HALF_OPEN_CALLS),
                    bound -> BreakerConfig.DEFAULTS
                            .withFailureRate(bound.get(FAILURE_RATE))
                            .withWindow(bound.get(WINDOW), bound.get(MINIMUM_CALLS))
                            .withOpenFor(bound.get(OPEN_FOR))
                            .withHalfOpen(bound.get(HALF_OPEN_CALLS), BreakerConfig.DEFAULTS.halfOpenFor())),
            """
            When an endpoint that fails is left alone for a while. Each endpoint has a breaker of its own. When \
            those of all endpoints are open, new clients get 503 with `Retry-After`, and sessions whose upstream leg \
            was lost wait.""");

    static final Key<Duration> HEALTH_INTERVAL =
            Key.withDefault("interval", Quantity.duration("10ms", "24h"), "5s", """
            The time from one check of an endpoint to the next; the first one is at a random moment within it.""");

    static final Key<Duration> HEALTH_TIMEOUT = Key.withDefault("timeout", Quantity.duration("1ms", "1h"), "1s", """
            How long a check, dialling included, may take before it counts as failed.""");

    /** Looked after. */
    public static final Key<HealthConfig> HEALTH = Key.optional(
            "health",
            new Group<>(
                    "health checks",
                    List.of(HEALTH_INTERVAL, HEALTH_TIMEOUT),
                    bound -> new HealthConfig(bound.get(HEALTH_INTERVAL), bound.get(HEALTH_TIMEOUT))),
            """
            Periodic checks of each endpoint, clients or not: an opening handshake for the endpoint's own path, then \
            a Close. Any answer below 500 will do. An endpoint that fails two in a row gets new legs only when there \
            is no other, until it passes one; its sessions stay. `{}` turns them on with their defaults. Without \
            this key an endpoint is judged by clients' dials and legs, and, after its breaker opened or, where there \
            are several endpoints, one of its legs was lost, by checks that end when it is back.""");

    /** Not all at once. */
    public static final Key<Integer> RECONNECT_RATE =
            Key.withDefault("reconnectRate", Quantity.rate(1, 1_000_000), "500/s", """
            How many upstream legs that were lost are dialled anew in a second, all sessions and endpoints of the \
            upstream together, so that those who lost one endpoint don't run down its successor. At 500/s, 10,000 \
            sessions are back after 20 s. The twentieth part of that may go at once. Legs that move to other \
            endpoints, when one is drained for instance, are dialled in the same line. New clients are not held up \
            by it.""");

    static final Key<Duration> DNS_INTERVAL = Key.withDefault("interval", Quantity.duration("10ms", "24h"), "5s", """
            The time from one look-up of a name to the next.""");

    static final Key<List<InetSocketAddress>> DNS_SERVERS = Key.optional(
            "servers",
            new Listing<>(
                    new Scalar<>(
                            "address",
                            DNS_SERVER_EXPECTED,
                            Scalar.Syntax.text("^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+)(:[0-9]{1,5})?$"),
                            UpstreamKeys::dnsServer,
                            server -> require(!server.isUnresolved() && server.getPort() > 0)),
                    "DNS servers"),
            "The DNS servers to ask, IP addresses; the port is 53 when left out. Without this key, the system's.");

    /** Who is behind a name. */
    public static final Key<DnsConfig> DNS = Key.withDefaults(
            "dns",
            new Group<>("dns", List.of(DNS_INTERVAL, DNS_SERVERS), bound -> {
                List<InetSocketAddress> servers = bound.find(DNS_SERVERS);
                return new DnsConfig(bound.get(DNS_INTERVAL), servers == null ? List.of() : servers);
            }),
            """
            How host names of endpoints are looked up. Each address of a name is an endpoint. One that appears gets \
            its share of new legs; the legs of one that vanishes are moved where the route allows it, else they stay \
            until they end. While a name cannot be looked up, its last addresses stay.""");

    private UpstreamKeys() {}

    private static InetSocketAddress dnsServer(String text) {
        Matcher matcher = DNS_SERVER.matcher(text);
        require(matcher.matches());
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(
                Objects.requireNonNullElse(matcher.group(1), matcher.group(2)));
        int port = matcher.group(3) == null ? DNS_PORT : Integer.parseInt(matcher.group(3));
        if (address == null || port > 65_535) {
            throw new InvalidValue(DNS_SERVER_EXPECTED);
        }
        return new InetSocketAddress(address, port);
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new InvalidValue(DNS_SERVER_EXPECTED);
        }
    }
}
