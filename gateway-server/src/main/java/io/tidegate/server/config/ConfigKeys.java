package io.tidegate.server.config;

import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityKeys;
import io.tidegate.server.config.continuity.MessageKeys;
import io.tidegate.server.config.key.Bound;
import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.CloseCode;
import io.tidegate.server.config.key.Findings;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Naming;
import io.tidegate.server.config.key.Quantity;
import io.tidegate.server.config.key.Scalar;
import io.tidegate.server.config.upstream.UpstreamKeys;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every key there is. Reading, messages, the records' own validation, {@code docs/configuration.md} and {@code
 * docs/schema.json} all follow from these definitions.
 */
final class ConfigKeys {

    private static final String TOKEN_PATTERN = "^[A-Za-z0-9._~+/-]{1,512}=*$";
    private static final String TOKEN_EXPECTED = "1 to 512 letters, digits, -, ., _, ~, + and /, then any number of =";

    static final Key<Address> LISTENER_ADDRESS = Key.required("address", Address.SHAPE, """
            Where to listen for clients: a host name or IP address, and a port. Port `0` takes any free port; the log \
            says which. `0.0.0.0` listens on all IPv4 interfaces, `[::]` on all interfaces.""");

    static final Group<ListenerConfig> LISTENER = new Group<>(
            "a listener", List.of(LISTENER_ADDRESS), bound -> new ListenerConfig(bound.get(LISTENER_ADDRESS)));

    static final Key<Address> ADMIN_ADDRESS = Key.required("address", Address.SHAPE, """
            Where to listen for operators. `/` is the dashboard, and `/api` lists what else there is: probes, metrics, \
            stats, sessions, and requests that drain endpoints or override their breakers. Whoever reaches a loopback \
            address (127.0.0.1, [::1], localhost) may read all of it; any other needs `token`.""");

    static final Key<String> ADMIN_TOKEN = Key.optional(
            "token",
            new Scalar<>(
                    Scalar.SECRET,
                    TOKEN_EXPECTED,
                    Scalar.Syntax.text(TOKEN_PATTERN),
                    token -> token,
                    ConfigKeys::requireToken),
            """
            The secret that a request which changes something (every POST) must bear, as `Authorization: Bearer TOKEN`, \
            and one that reads what passes (`/metrics`, most of `/api`), too, unless `address` is loopback. Required unless it \
            is; there, requests that change something are refused without it. Better set by its variable than written in \
            the file. It is never shown, neither in the log nor by `check`.""");

    static final Group<AdminConfig> ADMIN_PORT = new Group<>(
            "the admin port",
            List.of(ADMIN_ADDRESS, ADMIN_TOKEN),
            bound -> new AdminConfig(bound.get(ADMIN_ADDRESS), bound.find(ADMIN_TOKEN)));

    static final Key<Duration> CONNECT_TIMEOUT =
            Key.withDefault("connectTimeout", Quantity.duration("1ms", "1h"), "2s", """
            How long dialling an endpoint and its handshake answer may take together. When it is over, the dial has \
            failed: `retry` says what is tried next. After the last try the client gets 504. A failure that would open \
            the breaker and may be the client's doing is told up to a quarter of this later: the gateway asks the \
            endpoint for itself first.""");

    static final Group<UpstreamConfig> UPSTREAM = new Group<>(
            "an upstream",
            List.of(
                    UpstreamKeys.ENDPOINTS,
                    UpstreamKeys.BALANCE,
                    CONNECT_TIMEOUT,
                    UpstreamKeys.RETRY,
                    UpstreamKeys.BREAKER,
                    UpstreamKeys.HEALTH,
                    UpstreamKeys.RECONNECT_RATE,
                    UpstreamKeys.DNS),
            bound -> new UpstreamConfig(
                    bound.get(UpstreamKeys.ENDPOINTS),
                    bound.get(UpstreamKeys.BALANCE),
                    bound.get(CONNECT_TIMEOUT),
                    bound.get(UpstreamKeys.RETRY),
                    bound.get(UpstreamKeys.BREAKER),
                    bound.find(UpstreamKeys.HEALTH),
                    bound.get(UpstreamKeys.RECONNECT_RATE),
                    bound.get(UpstreamKeys.DNS)));

    static final Key<Long> MESSAGE_LIMIT = Key.withDefault("message", Quantity.size(), "1MiB", """
            The most bytes of payload that one message may have, all its frames together. A longer one closes the \
            session with 1009. `0`: no limit. A route with `continuity: reconnect`, `dedup` or `requests` keeps a message \
            until it is whole, so that this bounds its memory: each session may keep one message each way, and `0` is \
            not allowed there.""");

    static final Key<Long> FRAME_LIMIT = Key.withDefault("frame", Quantity.size(), "1MiB", """
            The most bytes of payload that one frame may have. A longer one closes the session with 1009. `0`: no \
            limit. Frames are passed on as they arrive, so a high limit costs no memory, but on routes that keep whole \
            messages.""");

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

    static final Key<LimitsConfig> LIMITS =
            Key.withDefaults("limits", LIMITS_GROUP, "What a message may be, in either direction.");

    static final Group<RouteConfig> ROUTE = new Group<>(
            "a route",
            Stream.of(List.of(ROUTE_PATH, ROUTE_HOST, ROUTE_UPSTREAM), ContinuityKeys.ALL, List.of(LIMITS))
                    .<Key<?>>flatMap(List::stream)
                    .toList(),
            bound -> new RouteConfig(
                    bound.get(ROUTE_PATH),
                    bound.get(ROUTE_HOST),
                    bound.get(ROUTE_UPSTREAM),
                    ContinuityKeys.continuity(bound),
                    bound.get(ContinuityKeys.QUEUE),
                    bound.find(MessageKeys.DEDUP),
                    bound.find(MessageKeys.REQUESTS),
                    bound.find(MessageKeys.PROLOGUE),
                    bound.get(ContinuityKeys.PING),
                    bound.get(LIMITS)),
            ConfigKeys::judgeRoute);

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

    static final Key<Long> QUEUE_BYTES = Key.withDefault("queueBytes", Quantity.sizeAboveZero(), "256MiB", """
            The most bytes that the queues of all sessions of the process may keep together: what upstreams that are \
            gone may cost in memory, at worst. When it is reached, each route's `queue.overflow` says what happens. \
            Leave as much of the heap or direct memory free.""");

    static final Key<LogFormat> LOG_FORMAT =
            Key.withDefault("format", Choice.of(LogFormat.values(), LogFormat::text), "text", """
            What a line looks like. `text`: for people. `json`: one JSON object with the same message, and whom and what it \
            is about in fields of their own.""");

    static final Key<LogLevel> LOG_LEVEL = Key.withDefault("level", LogLevel.SHAPE, "info", """
            How much the log says: each level says what those before it do, too. In any letter case.""");

    static final Key<Boolean> LOG_ACCESS = Key.withDefault("access", Choice.FLAG, "false", """
            Whether each session has a line when it ends, and each refused handshake one. None of these is ever left out, \
            however many there are.""");

    static final Key<LogConfig> LOG = Key.withDefaults(
            "log",
            new Group<>(
                    "the log",
                    List.of(LOG_FORMAT, LOG_LEVEL, LOG_ACCESS),
                    bound -> new LogConfig(bound.get(LOG_FORMAT), bound.get(LOG_LEVEL), bound.get(LOG_ACCESS))),
            """
            The log, which goes to stderr: [what it says](logs.md). The variables of `format` and `level` hold from the first \
            line on, the file from when it is read.""");

    static final Key<Duration> DRAIN_TIMEOUT = Key.withDefault("timeout", Quantity.duration("0s", "1h"), "30s", """
            The longest that it may take in all. What is left then is cut off, and counted. A service manager must wait for \
            longer than this before it kills the process.""");

    static final Key<Duration> DRAIN_SPREAD = Key.withDefault("spread", Quantity.duration("0s", "1h"), "10s", """
            Over how long the Close frames are spread, evenly and with jitter, so that the clients don't come back all at \
            once. At most `timeout`; where only that is given, and is shorter, the default is as short.""");

    static final Key<Integer> DRAIN_CLOSE_CODE = Key.withDefault("closeCode", CloseCode.SHAPE, "1001", """
            The code of those Close frames.""");

    static final Key<DrainConfig> DRAIN = Key.withDefaults(
            "drain",
            new Group<>(
                    "draining",
                    List.of(DRAIN_TIMEOUT, DRAIN_SPREAD, DRAIN_CLOSE_CODE),
                    bound -> new DrainConfig(
                            bound.get(DRAIN_TIMEOUT), bound.get(DRAIN_SPREAD), bound.get(DRAIN_CLOSE_CODE)),
                    ConfigKeys::judgeDrain),
            """
            How the gateway ends its sessions before it ends itself, on SIGTERM, SIGINT or `POST /api/drain`: it takes no more \
            clients, `/readyz` says 503, and each session closes as soon as its turn has come, what waits in its queue is \
            delivered, its requests are answered, and no message is half through.""");

    static final Group<GatewayConfig> GATEWAY = new Group<>(
            "a configuration",
            List.of(LISTENERS, ADMIN, UPSTREAMS, ROUTES, EVENT_LOOPS, TRANSPORT, QUEUE_BYTES, DRAIN, LOG),
            bound -> new GatewayConfig(
                    bound.get(LISTENERS),
                    bound.find(ADMIN),
                    bound.get(UPSTREAMS),
                    bound.get(ROUTES),
                    bound.get(EVENT_LOOPS),
                    bound.get(TRANSPORT),
                    bound.get(QUEUE_BYTES),
                    bound.get(DRAIN),
                    bound.get(LOG)));

    private ConfigKeys() {}

    private static void judgeRoute(Bound route, Findings findings) {
        ContinuityKeys.judge(route, findings);
        LimitsConfig limits = route.find(LIMITS);
        if (limits != null) {
            boolean reconnect = route.find(ContinuityKeys.CONTINUITY) == Continuity.RECONNECT;
            boolean dedup = route.written(MessageKeys.DEDUP) != null;
            boolean requests = route.written(MessageKeys.REQUESTS) != null;
            RouteConfig.judge(reconnect, dedup, requests, limits, findings);
        }
    }

    private static void judgeDrain(Bound drain, Findings findings) {
        Duration timeout = drain.find(DRAIN_TIMEOUT);
        Duration spread = drain.find(DRAIN_SPREAD);
        String written = drain.written(DRAIN_SPREAD);
        boolean fits = timeout == null || spread == null || written == null || spread.compareTo(timeout) <= 0;
        findings.require(fits, DRAIN_SPREAD.name(), written, "a duration of at most drain.timeout");
    }

    private static void requireToken(String token) {
        if (!token.matches(TOKEN_PATTERN)) {
            throw new InvalidValue(TOKEN_EXPECTED);
        }
    }

    private static void requireName(String name) {
        if (!name.matches(Naming.NAME_PATTERN)) {
            throw new InvalidValue("the name of an upstream");
        }
    }
}
