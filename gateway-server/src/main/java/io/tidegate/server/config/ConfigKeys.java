package io.tidegate.server.config;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Naming;
import io.tidegate.server.config.key.Quantity;
import io.tidegate.server.config.key.Scalar;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.Endpoints;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Every key there is. Reading, messages, the records' own validation, {@code docs/configuration.md} and {@code
 * docs/schema.json} all follow from these definitions.
 */
final class ConfigKeys {

    static final Key<Address> LISTENER_ADDRESS = Key.required("address", Address.SHAPE, """
            Where to listen for clients: a host name or IP address, and a port. Port `0` takes any free port; the log \
            says which. `0.0.0.0` listens on all IPv4 interfaces, `[::]` on all interfaces.""");

    static final Group<ListenerConfig> LISTENER = new Group<>(
            "a listener", List.of(LISTENER_ADDRESS), bound -> new ListenerConfig(bound.get(LISTENER_ADDRESS)));

    static final Key<Address> ADMIN_ADDRESS = Key.required("address", Address.SHAPE, """
            Where to listen for operators. Serves `/livez`, `/readyz` and `/metrics`. Anyone who reaches it may read \
            them, so keep it on loopback or on a network of your own.""");

    static final Group<AdminConfig> ADMIN_PORT = new Group<>(
            "the admin port", List.of(ADMIN_ADDRESS), bound -> new AdminConfig(bound.get(ADMIN_ADDRESS), null));

    static final Key<List<EndpointConfig>> ENDPOINTS =
            Key.required("endpoints", new Listing<>(Endpoints.SHAPE, "endpoints"), """
            The servers, each `ws://host:port` or `ws://host:port/path`; the port is 80 when left out. An endpoint \
            without a path, or with only `/`, receives the client's path and query byte for byte. With a path, the \
            route's prefix is replaced by the endpoint's path and the rest follows, as nginx's `proxy_pass` with a \
            URI does: route `/chat` and endpoint `ws://10.0.0.5:9001/v2` turn `/chat/room?id=1` into `/v2/room?id=1`. \
            TLS to upstreams (`wss://`) is not in this version yet.""");

    static final Key<BalanceConfig> BALANCE = Key.withDefault(
            "balance",
            Choice.of(
                    new BalanceConfig[] {BalanceConfig.ROUND_ROBIN},
                    balance -> balance.kind().text()),
            "round-robin",
            """
            How the endpoint for a new session is picked. `round-robin`: one after the other.""");

    static final Key<Duration> CONNECT_TIMEOUT =
            Key.withDefault("connectTimeout", Quantity.duration("1ms", "1h"), "2s", """
            How long dialling an endpoint and its handshake answer may take together. When it is over, the client \
            gets 504.""");

    static final Group<UpstreamConfig> UPSTREAM = new Group<>(
            "an upstream",
            List.of(ENDPOINTS, BALANCE, CONNECT_TIMEOUT),
            bound -> new UpstreamConfig(
                    bound.get(ENDPOINTS),
                    bound.get(BALANCE),
                    bound.get(CONNECT_TIMEOUT),
                    DialRetryConfig.DEFAULTS,
                    BreakerConfig.DEFAULTS,
                    null,
                    500,
                    DnsConfig.DEFAULTS));

    static final Key<Long> MESSAGE_LIMIT = Key.withDefault("message", Quantity.size(), "1MiB", """
            The most bytes of payload that one message may have, all its frames together. A longer one closes the \
            session with 1009. `0`: no limit.""");

    static final Key<Long> FRAME_LIMIT = Key.withDefault("frame", Quantity.size(), "1MiB", """
            The most bytes of payload that one frame may have. A longer one closes the session with 1009. `0`: no \
            limit. Frames are passed on as they arrive, so a high limit costs no memory.""");

    static final Group<LimitsConfig> LIMITS_GROUP = new Group<>(
            "limits",
            List.of(MESSAGE_LIMIT, FRAME_LIMIT),
            bound -> new LimitsConfig(bound.get(MESSAGE_LIMIT), bound.get(FRAME_LIMIT)));

    static final Key<String> ROUTE_PATH = Key.withDefault("path", Routes.PATH_SHAPE, "/", """
            The path prefix that the route takes. Of the routes for a host, the longest prefix wins. A prefix matches whole path \
            segments: `/chat` matches `/chat`, `/chat/x` and `/chat?x`, not `/chatter`. A prefix that ends in `/` \
            matches whatever starts with it: `/chat/` matches `/chat/x`, not `/chat`. Compared byte for byte, before \
            the query, with percent-encoding left as it is.""");

    static final Key<String> ROUTE_HOST = Key.withDefault("host", Routes.HOST_SHAPE, "*", """
            The host that the client asks for, without a port; letter case makes no difference. An exact name, \
            `*.example.com` for all names below `example.com`, or `*` for any. Of the routes that match host and path, \
            the one with the most exact host wins: a name, then the longest wildcard, then `*`.""");

    static final Key<String> ROUTE_UPSTREAM = Key.required(
            "upstream",
            new Scalar<>(
                    "name",
                    "the name of an upstream",
                    Scalar.Syntax.text(Naming.NAME_PATTERN),
                    name -> name,
                    ConfigKeys::requireName),
            "The name of the upstream that serves the route: one of the names under `upstreams`.");

    static final Key<Continuity> CONTINUITY = Key.withDefault(
            "continuity", Choice.of(new Continuity[] {Continuity.CLOSE}, Continuity::text), "close", """
            What happens when the upstream leg is lost. `close`: the client is told; its leg closes with the \
            upstream's code, or 1014 when the upstream vanished without one.""");

    static final Key<LimitsConfig> LIMITS =
            Key.withDefaults("limits", LIMITS_GROUP, "What a message may be, in either direction.");

    static final Group<RouteConfig> ROUTE = new Group<>(
            "a route",
            List.of(ROUTE_PATH, ROUTE_HOST, ROUTE_UPSTREAM, CONTINUITY, LIMITS),
            bound -> new RouteConfig(
                    bound.get(ROUTE_PATH),
                    bound.get(ROUTE_HOST),
                    bound.get(ROUTE_UPSTREAM),
                    ContinuityConfig.DEFAULTS,
                    RouteQueueConfig.DEFAULTS,
                    null,
                    null,
                    null,
                    PingConfig.DEFAULTS,
                    bound.get(LIMITS)));

    static final Key<List<ListenerConfig>> LISTENERS =
            Key.required("listeners", new Listing<>(LISTENER, "listeners"), "The ports for clients, at least one.");

    static final Key<AdminConfig> ADMIN =
            Key.optional("admin", ADMIN_PORT, "The port for operators. Without it there is none.");

    static final Key<Map<String, UpstreamConfig>> UPSTREAMS =
            Key.required("upstreams", new Naming<>(UPSTREAM, "upstreams"), """
            The servers behind the gateway, at least one upstream, each under a name of your choice: at most 64 \
            letters, digits, `.`, `_` and `-`, with a letter or digit at both ends.""");

    static final Key<List<RouteConfig>> ROUTES = Key.required("routes", new Listing<>(ROUTE, "routes"), """
            Which client goes to which upstream, at least one route. Their order makes no difference. No two routes \
            may have the same host and path. A client that no route matches gets 404.""");

    static final Key<Integer> EVENT_LOOPS = Key.withDefault("eventLoops", Quantity.count(0, 1024), "0", """
            How many event loop threads serve the sessions. `0`: as many as the JVM property \
            `reactor.netty.ioWorkerCount` says, or one per core.""");

    static final Key<Transport> TRANSPORT =
            Key.withDefault("transport", Choice.of(Transport.values(), Transport::text), "auto", """
            How the gateway talks to the kernel's sockets. `auto`: io_uring where the kernel has it, else epoll, else \
            NIO; the log says which.""");

    static final Group<GatewayConfig> GATEWAY = new Group<>(
            "a configuration",
            List.of(LISTENERS, ADMIN, UPSTREAMS, ROUTES, EVENT_LOOPS, TRANSPORT),
            bound -> new GatewayConfig(
                    bound.get(LISTENERS),
                    bound.find(ADMIN),
                    bound.get(UPSTREAMS),
                    bound.get(ROUTES),
                    bound.get(EVENT_LOOPS),
                    bound.get(TRANSPORT),
                    GatewayConfig.DEFAULT_QUEUE_BYTES));

    private ConfigKeys() {}

    private static void requireName(String name) {
        if (!name.matches(Naming.NAME_PATTERN)) {
            throw new InvalidValue("the name of an upstream");
        }
    }
}
