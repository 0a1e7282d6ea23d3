package io.tidegate.server.config.continuity;

import io.tidegate.dedup.DedupConfig;
import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.Group;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.key.Listing;
import io.tidegate.server.config.key.Quantity;
import io.tidegate.server.config.key.Scalar;
import io.tidegate.server.config.key.WordOrList;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of a route for which its messages are looked into. */
public final class MessageKeys {

    private static final String CONTENT = "content";
    private static final String POINTER_EXPECTED =
            "a JSON Pointer such as /id or /params/0/id, with ~1 for a / in a name and ~0 for a ~";
    private static final String DEDUP_KEY_EXPECTED = CONTENT + ", or " + POINTER_EXPECTED;
    private static final String POINTER_PATTERN = "(/([^/~]|~[01])*)+";
    private static final String WORD_EXPECTED = "a text that is not empty";
    private static final String TEMPLATE_EXPECTED = "a text with {id} in it";

    private static final Scalar<JsonPointer> POINTER = new Scalar<>(
            "pointer",
            POINTER_EXPECTED,
            Scalar.Syntax.text("^" + POINTER_PATTERN + "$"),
            MessageKeys::pointer,
            pointer -> require(pointer.toString().startsWith("/"), POINTER_EXPECTED));

    private static final Scalar<String> WORD = new Scalar<>(
            "text",
            WORD_EXPECTED,
            Scalar.Syntax.number("[\\s\\S]"),
            text -> text,
            text -> require(!text.isEmpty(), WORD_EXPECTED));

    private static final Key<Optional<JsonPointer>> DEDUP_KEY = Key.required(
            "key",
            new Scalar<>(
                    "pointer",
                    DEDUP_KEY_EXPECTED,
                    Scalar.Syntax.text("^(" + CONTENT + "|" + POINTER_PATTERN + ")$"),
                    MessageKeys::dedupKey,
                    key -> {}),
            """
            What tells a message from others. A JSON Pointer (RFC 6901): the string, number or boolean it points to; a \
            message without one passes, duplicate or not. `content`: all of the payload.""");

    private static final Key<RouteDedupConfig.Scope> SCOPE = Key.withDefault(
            "scope", Choice.of(RouteDedupConfig.Scope.values(), RouteDedupConfig.Scope::text), "session", """
            Among which messages a key must be the only one. `session`: those of one client connection. `route`: those \
            of all clients of the route, for those that connect anew and send again; the clients must then not \
            invent the same keys.""");

    private static final Key<Duration> DEDUP_WINDOW =
            Key.withDefault("window", Quantity.duration("1ms", "8760h"), "5m", """
            How long a key is remembered after its message was delivered. The same message passes again afterwards.""");

    private static final Key<Integer> MAX_ENTRIES =
            Key.withDefault("maxEntries", Quantity.count(1, 1 << 24), "100000", """
            How many keys are remembered at most in each scope; beyond, the oldest is forgotten early.""");

    /** Not twice. */
    public static final Key<RouteDedupConfig> DEDUP = Key.optional(
            "dedup",
            new Group<>(
                    "dedup",
                    List.of(DEDUP_KEY, SCOPE, DEDUP_WINDOW, MAX_ENTRIES),
                    bound -> new RouteDedupConfig(
                            bound.get(DEDUP_KEY).orElse(null),
                            bound.get(SCOPE),
                            new DedupConfig(bound.get(DEDUP_WINDOW), bound.get(MAX_ENTRIES)))),
            """
            Drops client messages that came before, and counts them. A message whose delivery failed may come again: \
            its key is remembered once it is delivered. The route then keeps whole messages, see `limits.message`. \
            Without this key nothing is dropped for that.""");

    private static final Key<RequestsConfig.Preset> PROTOCOL = Key.optional(
            "protocol",
            Choice.of(
                    Arrays.stream(RequestsConfig.Preset.values())
                            .filter(preset -> preset != RequestsConfig.Preset.CUSTOM)
                            .toArray(RequestsConfig.Preset[]::new),
                    RequestsConfig.Preset::text),
            """
            A protocol that the gateway knows: what is a request and its final reply, what an error reply looks like. \
            `json-rpc`: JSON-RPC 2.0, batches included. `ocpp-j`: OCPP's calls, from either side. \
            `graphql-transport-ws`: a `subscribe` until its `complete` or `error`; `connection_init` is sent again on \
            a new leg and its acknowledgement kept from the client. For other protocols, leave it out and set `id`.""");

    private static final Key<JsonPointer> ID = Key.optional("id", POINTER, """
            Where requests, and their replies, have their id. A client's message with a string, a number, `true` or \
            `false` there, and something at `method` if that is set, is a request; its reply is the first message from \
            the upstream with the same id and nothing at `method`. Not together with `protocol`.""");

    private static final Key<JsonPointer> METHOD = Key.optional("method", POINTER, """
            Where requests name their method. A client's message that has nothing there is no request; one from the \
            upstream that has something there is a request of its own, never a reply. Only together with `id`.""");

    private static final Key<Replay> REPLAY = Key.withDefault(
            "replay",
            new WordOrList<>(
                    Choice.of(new Replay[] {Replay.ALL, Replay.NONE}, Replay::toString),
                    new Listing<>(WORD, "methods"),
                    methods -> Replay.of(new LinkedHashSet<>(methods))),
            "all",
            """
            Which requests without a reply are sent again on the next leg when theirs was lost. `all`: every one; the \
            upstream may run a request twice, the client gets one reply. `none`: the upstream gets each at most once; \
            the client is told of the loss by an error reply. A list of methods: these are sent again, the others get \
            the error reply; needs a `protocol` with methods (`json-rpc`, `ocpp-j`) or `method`. Requests that were \
            never written to a leg wait in the queue and are sent, whatever stands here.""");

    private static final Key<String> ERROR = Key.optional(
            "error",
            new Scalar<>(
                    "template",
                    TEMPLATE_EXPECTED,
                    Scalar.Syntax.text("\\{id\\}"),
                    text -> text,
                    text -> require(text.contains("{id}"), TEMPLATE_EXPECTED)),
            """
            What the client gets in place of a reply that won't come, such as `{"id":{id},"error":"{reason}"}`. `{id}` \
            becomes the id as the request had it, quotes included; `{reason}` becomes a few plain words. Only together \
            with `id`. It may be left out where `id` is the name of a member, such as `/id`: then the client gets an \
            object with that member and `"error":{"message":…}`.""");

    static final Key<Duration> TIMEOUT = Key.withDefault("timeout", Quantity.duration("1ms", "24h"), "30s", """
            How long a request may take, from its arrival to its reply, reconnecting included. Then the client gets \
            the error reply, and a reply that comes after all is dropped. So it has to be longer than the slowest \
            request. For a GraphQL subscription it runs to its first event, so one that may stay silent for longer \
            ends with an error; afterwards it may be silent for as long as it likes.""");

    /** One reply each. */
    public static final Key<RequestsConfig> REQUESTS = Key.optional(
            "requests",
            new Group<>(
                    "requests",
                    List.of(PROTOCOL, ID, METHOD, REPLAY, ERROR, TIMEOUT),
                    bound -> new RequestsConfig(
                            Objects.requireNonNullElse(bound.find(PROTOCOL), RequestsConfig.Preset.CUSTOM),
                            bound.find(ID),
                            bound.find(METHOD),
                            bound.get(REPLAY),
                            bound.find(ERROR),
                            bound.get(TIMEOUT))),
            """
            Exactly one reply per request id reaches the client. Requests are tracked by their ids; those that have \
            no reply when their leg is lost are handled as `replay` says, a second reply to one id is dropped, and a \
            request that times out, expires or may not be replayed is answered by an error in the protocol's own \
            form. Messages that are no requests have what `continuity` promises. Needs exactly one of `protocol` and \
            `id`. A request is kept until it has its reply, and counts against `queue.maxMessages` and \
            `queue.maxBytes` for as long; so does a GraphQL subscription while it is open. The route then keeps \
            whole messages, see `limits.message`. On a route with `continuity: close` it times requests out and \
            drops second replies, and the bounds are the defaults of `queue`. Without this key no message is taken \
            for a request.""");

    static final Key<Integer> FIRST = Key.optional("first", Quantity.count(1, 1000), """
            How many of a client's first messages are remembered. Needs no rule, and looks into them for their ids \
            only, with `requests`.""");

    private static final Key<JsonPointer> AT = Key.optional("at", POINTER, """
            Where a rule looks in a client's message, such as `/method`. Not together with `first`.""");

    private static final Key<List<String>> REMEMBER = Key.optional("remember", new Listing<>(WORD, "texts"), """
            What must stand at `at` for a message to be remembered, such as `[auth, subscribe]`. Needed with `at`.""");

    private static final Key<JsonPointer> KEY = Key.optional("key", POINTER, """
            Where remembered messages differ, such as `/params/channel`: one replaces an earlier one with the same \
            values here and at `at`, and is sent in its own place. Without this key each one stays.""");

    private static final Key<List<String>> FORGET = Key.optional("forget", new Listing<>(WORD, "texts"), """
            What must stand at `at` for a message to make the gateway forget those with the same value at `key`, \
            such as `[unsubscribe]`. Needs `key`.""");

    private static final Key<Boolean> SWALLOW_REPLIES = Key.withDefault("swallowReplies", Choice.FLAG, "false", """
            Whether the upstream's replies to messages of the prologue are kept from the client, which had its reply \
            when it sent them. With `requests` they always are, known by their ids. Without, as many messages of the \
            upstream are kept back as were sent of the prologue: turn it on only where each has exactly one reply.""");

    /** First of all. */
    public static final Key<PrologueConfig> PROLOGUE = Key.optional(
            "prologue",
            new Group<>(
                    "a prologue",
                    List.of(FIRST, AT, REMEMBER, KEY, FORGET, SWALLOW_REPLIES),
                    bound -> new PrologueConfig(
                            Objects.requireNonNullElse(bound.find(FIRST), 0),
                            bound.find(AT),
                            texts(bound.find(REMEMBER)),
                            bound.find(KEY),
                            texts(bound.find(FORGET)),
                            bound.get(SWALLOW_REPLIES))),
            """
            Client messages, such as logging in and subscribing, that make an upstream know its client. The gateway \
            remembers them and sends them first on a new leg, before anything that waits. Either the `first` few, or \
            those a rule finds with `at` and `remember`. They are sent even if they expired in the queue. At most \
            1,000 are remembered, of `queue.maxBytes` together; more closes the session with 1013. Only with \
            `continuity: reconnect`. Without this key a new leg gets what waits, and nothing before it.""");

    private MessageKeys() {}

    private static Set<String> texts(@Nullable List<String> list) {
        return list == null ? Set.of() : new LinkedHashSet<>(list);
    }

    private static Optional<JsonPointer> dedupKey(String text) {
        try {
            return text.equals(CONTENT) ? Optional.empty() : Optional.of(pointer(text));
        } catch (InvalidValue e) {
            throw new InvalidValue(DEDUP_KEY_EXPECTED);
        }
    }

    private static JsonPointer pointer(String text) {
        require(text.startsWith("/"), POINTER_EXPECTED);
        try {
            return JsonPointer.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidValue(POINTER_EXPECTED);
        }
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new InvalidValue(expected);
        }
    }
}
