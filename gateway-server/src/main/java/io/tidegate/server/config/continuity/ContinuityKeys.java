package io.tidegate.server.config.continuity;

import io.tidegate.queue.Overflow;
import io.tidegate.queue.QueueConfig;
import io.tidegate.server.config.key.Bound;
import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.CloseCode;
import io.tidegate.server.config.key.Findings;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Quantity;
import io.tidegate.server.config.key.Scalar;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The keys of a route that say what becomes of a session whose upstream leg is lost. */
public final class ContinuityKeys {

    /** What is expected of a key that only serves {@link Continuity#RECONNECT}. */
    public static final String ONLY_RECONNECT = "only with continuity: reconnect";

    private static final Scalar<String> TEXT = new Scalar<>(
            "text",
            "a text that is not empty",
            Scalar.Syntax.text("[\\s\\S]"),
            text -> text,
            text -> require(!text.isEmpty(), "a text that is not empty"));

    /** Told, or kept. */
    public static final Key<Continuity> CONTINUITY =
            Key.withDefault("continuity", Choice.of(Continuity.values(), Continuity::text), "close", """
            What happens when the upstream leg is lost. `close`: the client is told; its leg closes with the \
            upstream's code, or `upstreamLostCode` when the upstream vanished without one. `reconnect`: the client leg \
            stays. A new upstream leg is dialled, with backoff and full jitter, other endpoints first, paced by the \
            upstream's `reconnectRate` and held back by open breakers. Client messages wait in `queue`, in order. What \
            was already written to the lost leg is delivered at most once: nobody knows whether the upstream read it, \
            unless `confirm` or `requests` finds out. A message from the upstream that was half through never reaches \
            the client.""");

    static final Key<Duration> RECONNECT_FOR =
            Key.withDefault("reconnectFor", Quantity.duration("1ms", "24h"), "5m", """
            How long a lost upstream leg is dialled anew before the session is given up: then the client's leg \
            closes with `upstreamLostCode`, and the messages that waited are dropped and counted. At once, if an \
            endpoint refuses the new leg with a 4xx status other than 408, 425 and 429. Only with `continuity: \
            reconnect`.""");

    static final Key<Integer> UPSTREAM_LOST_CODE = Key.withDefault("upstreamLostCode", CloseCode.SHAPE, "1014", """
            The code of the Close that a client gets when its upstream vanished without a Close of its own, or did not \
            come back within `reconnectFor`. Some client libraries (gorilla/websocket) take 1014 for a protocol error: \
            1012 suits them.""");

    static final Key<List<Integer>> LOST_CODES = Key.withDefault(
            "lostCodes", new Listing<>(CloseCode.SHAPE, "Close codes"), "[1001, 1012, 1013, 1014]", """
            The codes of an upstream's Close that mean that only its leg is lost, as when a connection vanishes: a new \
            one is dialled. Every other Close, also one without a code, is final: it passes to the client, and the \
            session ends. Only with `continuity: reconnect`.""");

    static final Key<Confirm> CONFIRM =
            Key.withDefault("confirm", Choice.of(Confirm.values(), Confirm::text), "none", """
            How it is known that the upstream has read a client's messages. `none`: it isn't; what was written to a \
            leg counts as delivered. `ping`: at least once, to the upstream's WebSocket stack, for any protocol. The \
            gateway sends a numbered Ping behind a batch of messages; endpoints read frames in order, so the \
            matching Pong proves that all before it were read. What is not confirmed is kept, within `queue`, and \
            sent again on the next leg, so the upstream may see a message twice. It costs a Ping and a Pong a batch, \
            and no delay. Only with `continuity: reconnect`.""");

    static final Key<String> ON_REPLACED = Key.optional("onReplaced", TEXT, """
            A text message for the client each time its upstream leg was replaced, such as \
            `{"type":"reconnected"}`, for clients that then ask again what they may have missed. It comes before \
            anything from the new leg. Only with `continuity: reconnect`.""");

    private static final Key<Integer> MAX_MESSAGES =
            Key.withDefault("maxMessages", Quantity.count(1, 10_000_000), "1000", """
            The most messages a session may keep, those that wait for their confirmation or reply included. So it \
            also bounds how many requests and GraphQL subscriptions a session may have open: with `overflow: pause` \
            nothing more is read from a client that has so many.""");

    private static final Key<Long> MAX_BYTES = Key.withDefault("maxBytes", Quantity.sizeAboveZero(), "1MiB", """
            The most bytes a session may keep, those that wait for their confirmation or reply included: an open \
            request or subscription counts with all its bytes. With `overflow: pause` a message that was already \
            read may exceed it, once.""");

    private static final Key<Duration> TTL = Key.withDefault("ttl", Quantity.duration("0s", "24h"), "5m", """
            How long a message may wait to be written to a leg. One that waited longer is dropped and counted as \
            expired; the client is not told, unless it is one of `requests`. One that was written doesn't expire \
            while it is up to its Pong or reply; when its leg is lost it waits with the deadline it had, a request with \
            none. A message of the `prologue` is sent to each new leg even if it expired. `0s`: as long as it takes.""");

    private static final Key<Overflow> OVERFLOW = Key.withDefault(
            "overflow",
            Choice.of(
                    Overflow.values(),
                    overflow -> overflow.name().toLowerCase(Locale.ROOT).replace('_', '-')),
            "pause",
            """
            What happens when a bound is reached. `pause`: nothing is lost; the gateway stops reading from the \
            client, which feels it as a slow connection. `drop-oldest`: of the messages that wait, the oldest make \
            room; what was written and waits for its confirmation or reply stays. `drop-newest`: the message that \
            came is dropped. With both, drops are counted and the session goes on. `close`: the client's leg closes \
            with 1013 and everything that waited is dropped.""");

    static final Key<Long> ROUTE_BYTES = Key.withDefault("routeBytes", Quantity.size(), "0", """
            The most bytes that all sessions of the route may keep together, so that one route can't use up \
            `queueBytes` for the others. When it is reached, `overflow` says what happens. `0`: no bound but \
            `queueBytes`.""");

    /** Where they wait. */
    public static final Key<RouteQueueConfig> QUEUE = Key.withDefaults(
            "queue",
            new Group<>(
                    "a queue",
                    List.of(MAX_MESSAGES, MAX_BYTES, TTL, OVERFLOW, ROUTE_BYTES),
                    bound -> new RouteQueueConfig(
                            new QueueConfig(
                                    bound.get(MAX_MESSAGES), bound.get(MAX_BYTES), bound.get(TTL), bound.get(OVERFLOW)),
                            bound.get(ROUTE_BYTES))),
            """
            Where a session's client messages wait while no upstream leg is up, and are kept until they are \
            confirmed, or, if they are requests, answered. It costs memory only while something is in it. Only with \
            `continuity: reconnect`.""");

    static final Key<Duration> PING_INTERVAL =
            Key.withDefault("interval", Quantity.duration("10ms", "24h"), "20s", """
            How long after the last Pong to one of the gateway's own pings a leg is sent the next one. What else \
            comes from the upstream makes no difference. With `confirm: ping` the pings behind messages count, too.""");

    static final Key<Duration> PING_TIMEOUT = Key.withDefault("timeout", Quantity.duration("10ms", "1h"), "10s", """
            A leg that owes a Pong to one of the gateway's own pings, and has sent nothing for so long, is taken for \
            lost, and counts against its endpoint's breaker. So an upstream that hangs, or a network that swallows \
            everything, is noticed after `interval` and `timeout` together, 30 s by default. An upstream answers a \
            Ping when it has read what came before; as long as it sends messages, that may take ten times as long. One \
            that reads slowly and sends nothing needs a timeout in which it can read what its connection holds, some \
            MiB. Time in which the gateway doesn't read the leg, because the client reads too slowly, doesn't count.""");

    static final Key<Duration> CLIENT_PING_INTERVAL =
            Key.withDefault("clientInterval", Quantity.duration("10ms", "24h"), "20s", """
            How often a client gets a Ping of the gateway's own, which tells how far away it is. Nothing happens to \
            one that doesn't answer.""");

    /** Still there? */
    public static final Key<PingConfig> PING = Key.withDefaults(
            "ping",
            new Group<>(
                    "pings",
                    List.of(PING_INTERVAL, PING_TIMEOUT, CLIENT_PING_INTERVAL),
                    bound -> new PingConfig(
                            bound.get(PING_INTERVAL), bound.get(PING_TIMEOUT), bound.get(CLIENT_PING_INTERVAL))),
            """
            How an upstream leg that went silent without a word is found out: by pings of the gateway's own, which \
            RFC 6455 (section 5.5.2) has every upstream answer. Only with `continuity: reconnect`; other routes pass \
            on what client and upstream send, pings included, and add none.""");

    /** Those that only serve {@link Continuity#RECONNECT}. */
    private static final List<Key<?>> RECONNECT_KEYS =
            List.of(RECONNECT_FOR, LOST_CODES, CONFIRM, ON_REPLACED, QUEUE, MessageKeys.PROLOGUE, PING);

    /** All, and those of messages, in the order of the documentation. */
    public static final List<Key<?>> ALL = List.of(
            CONTINUITY,
            RECONNECT_FOR,
            UPSTREAM_LOST_CODE,
            LOST_CODES,
            CONFIRM,
            ON_REPLACED,
            QUEUE,
            MessageKeys.DEDUP,
            MessageKeys.REQUESTS,
            MessageKeys.PROLOGUE,
            PING);

    private ContinuityKeys() {}

    /** What the keys of a route say of its continuity. */
    public static ContinuityConfig continuity(Bound route) {
        return new ContinuityConfig(
                route.get(CONTINUITY),
                route.get(RECONNECT_FOR),
                route.get(UPSTREAM_LOST_CODE),
                Set.copyOf(route.get(LOST_CODES)),
                route.get(CONFIRM),
                route.find(ON_REPLACED));
    }

    /** Finds keys of a route that closes which only serve one that reconnects: nobody should rely on them. */
    public static void judge(Bound route, Findings findings) {
        if (route.find(CONTINUITY) == Continuity.CLOSE) {
            for (Key<?> key : RECONNECT_KEYS) {
                String written = route.written(key);
                findings.require(written == null, key.name(), written, ONLY_RECONNECT);
            }
        }
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new InvalidValue(expected);
        }
    }
}
