package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.dedup.DedupConfig;
import io.tidegate.json.JsonPointer;
import io.tidegate.queue.Overflow;
import io.tidegate.queue.QueueConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.PrologueConfig;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RequestsConfig.Preset;
import io.tidegate.server.config.continuity.RouteDedupConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.document.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a route says about a lost upstream leg, and about its messages. */
class ContinuityKeysTest {

    private static final String FILE = """
            listeners: [{address: "127.0.0.1:0"}]
            upstreams: {chat: {endpoints: [ws://127.0.0.1:9001]}}
            routes:
              - upstream: chat
            """;

    @TempDir
    private Path directory;

    @Test
    void whatIsLeftOutHasItsDefault() throws Exception {
        RouteConfig route = route("");

        assertThat(route.continuity()).isEqualTo(ContinuityConfig.DEFAULTS);
        assertThat(route.continuity())
                .isEqualTo(new ContinuityConfig(
                        Continuity.CLOSE,
                        Duration.ofMinutes(5),
                        1014,
                        Set.of(1001, 1012, 1013, 1014),
                        Confirm.NONE,
                        null));
        assertThat(route.queue()).isEqualTo(RouteQueueConfig.DEFAULTS);
        assertThat(route.queue()).isEqualTo(new RouteQueueConfig(QueueConfig.DEFAULTS, 0));
        assertThat(route.dedup()).isNull();
        assertThat(route.requests()).isNull();
        assertThat(route.prologue()).isNull();
        assertThat(route.ping()).isEqualTo(PingConfig.DEFAULTS);
        assertThat(route.keepsWholeMessages()).isFalse();
        assertThat(load(FILE, Map.of()).queueBytes()).isEqualTo(256L << 20);
    }

    @Test
    void groupsThatAreOnHaveTheirDefaults() throws Exception {
        RouteConfig route = route("""
                continuity: reconnect
                    dedup: {key: content}
                    requests: {protocol: ocpp-j}
                    prologue: {first: 1}
                """);

        assertThat(route.dedup())
                .isEqualTo(new RouteDedupConfig(null, RouteDedupConfig.Scope.SESSION, DedupConfig.DEFAULTS));
        assertThat(route.requests())
                .isEqualTo(new RequestsConfig(Preset.OCPP_J, null, null, Replay.ALL, null, Duration.ofSeconds(30)));
        assertThat(route.prologue()).isEqualTo(new PrologueConfig(1, null, Set.of(), null, Set.of(), false));
    }

    @Test
    void everyKeyIsMapped() throws Exception {
        RouteConfig route = route("""
                continuity: reconnect
                    reconnectFor: 90s
                    upstreamLostCode: 1012
                    lostCodes: [4001, 1001]
                    confirm: ping
                    onReplaced: '{"type":"back"}'
                    queue: {maxMessages: 7, maxBytes: 64KiB, ttl: 0s, overflow: drop-oldest, routeBytes: 1MiB}
                    dedup: {key: /params/id, scope: route, window: 1h, maxEntries: 5}
                    requests: {id: /0/id, method: /0/method, replay: [get, list], error: '[{"id":{id},"why":"{reason}"}]', timeout: 5s}
                    prologue: {at: /method, remember: [auth, subscribe], key: /channel, forget: [leave], swallowReplies: true}
                    ping: {interval: 1s, timeout: 250ms, clientInterval: 3s}
                """);

        assertThat(route)
                .isEqualTo(new RouteConfig(
                        "/",
                        "*",
                        "chat",
                        new ContinuityConfig(
                                Continuity.RECONNECT,
                                Duration.ofSeconds(90),
                                1012,
                                Set.of(1001, 4001),
                                Confirm.PING,
                                "{\"type\":\"back\"}"),
                        new RouteQueueConfig(
                                new QueueConfig(7, 64 << 10, Duration.ZERO, Overflow.DROP_OLDEST), 1 << 20),
                        new RouteDedupConfig(
                                JsonPointer.parse("/params/id"),
                                RouteDedupConfig.Scope.ROUTE,
                                new DedupConfig(Duration.ofHours(1), 5)),
                        new RequestsConfig(
                                Preset.CUSTOM,
                                JsonPointer.parse("/0/id"),
                                JsonPointer.parse("/0/method"),
                                Replay.of(Set.of("get", "list")),
                                "[{\"id\":{id},\"why\":\"{reason}\"}]",
                                Duration.ofSeconds(5)),
                        new PrologueConfig(
                                0,
                                JsonPointer.parse("/method"),
                                Set.of("auth", "subscribe"),
                                JsonPointer.parse("/channel"),
                                Set.of("leave"),
                                true),
                        new PingConfig(Duration.ofSeconds(1), Duration.ofMillis(250), Duration.ofSeconds(3)),
                        new LimitsConfig(1 << 20, 1 << 20)));
        assertThat(route.keepsWholeMessages()).isTrue();
        assertThat(load(FILE + "queueBytes: 1GiB\n", Map.of()).queueBytes()).isEqualTo(1L << 30);
    }

    @ParameterizedTest
    @CsvSource({
        "json-rpc, JSON_RPC, all, ALL",
        "ocpp-j, OCPP_J, none, NONE",
        "graphql-transport-ws, GRAPHQL_TRANSPORT_WS, none, NONE",
        "json-rpc, JSON_RPC, [get], METHODS"
    })
    void protocolsAndReplay(String protocol, Preset preset, String replay, Replay.Kind kind) throws Exception {
        RouteConfig route = route("requests: {protocol: " + protocol + ", replay: " + replay + "}");

        assertThat(route.requests().preset()).isEqualTo(preset);
        assertThat(route.requests().replay().kind()).isEqualTo(kind);
        assertThat(route.requests().replay().takes("get")).isEqualTo(kind != Replay.Kind.NONE);
        assertThat(route.requests().replay().takes("put")).isEqualTo(kind == Replay.Kind.ALL);
        assertThat(route.keepsWholeMessages()).isTrue();
    }

    @Test
    void aVariableSetsEachOfThem() throws Exception {
        Map<String, String> env = new HashMap<>(Map.of(
                "TIDEGATE_ROUTES_0_CONTINUITY", "reconnect",
                "TIDEGATE_ROUTES_0_RECONNECT_FOR", "10s",
                "TIDEGATE_ROUTES_0_LOST_CODES", "4000, 4001",
                "TIDEGATE_ROUTES_0_CONFIRM", "ping",
                "TIDEGATE_ROUTES_0_QUEUE_ROUTEBYTES", "5",
                "TIDEGATE_ROUTES_0_REQUESTS_PROTOCOL", "json-rpc",
                "TIDEGATE_ROUTES_0_REQUESTS_REPLAY", "get,list",
                "TIDEGATE_ROUTES_0_PROLOGUE_AT", "/method",
                "TIDEGATE_ROUTES_0_PROLOGUE_REMEMBER_0", "auth",
                "TIDEGATE_ROUTES_0_PROLOGUE_SWALLOW_REPLIES", "true"));
        env.put("TIDEGATE_QUEUE_BYTES", "9MiB");
        env.put("TIDEGATE_ROUTES_0_DEDUP_KEY", "content");

        GatewayConfig config = load(FILE, env);
        RouteConfig route = config.routes().get(0);

        assertThat(config.queueBytes()).isEqualTo(9 << 20);
        assertThat(route.continuity().reconnectFor()).isEqualTo(Duration.ofSeconds(10));
        assertThat(route.continuity().lostCodes()).containsExactly(4000, 4001);
        assertThat(route.continuity().confirm()).isEqualTo(Confirm.PING);
        assertThat(route.queue().routeBytes()).isEqualTo(5);
        assertThat(route.dedup().pointer()).isNull();
        assertThat(route.requests().replay()).isEqualTo(Replay.of(Set.of("get", "list")));
        assertThat(route.prologue().remember()).containsExactly("auth");
        assertThat(route.prologue().swallowReplies()).isTrue();
        env.put("TIDEGATE_ROUTES_0_REQUESTS_REPLAY", "none");
        assertThat(load(FILE, env).routes().get(0).requests().replay()).isEqualTo(Replay.NONE);
        env.remove("TIDEGATE_ROUTES_0_REQUESTS_REPLAY");
        env.put("TIDEGATE_ROUTES_0_REQUESTS_REPLAY_0", "get");
        assertThat(load(FILE, env).routes().get(0).requests().replay()).isEqualTo(Replay.of(Set.of("get")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            reconnectFor: 0s                | reconnectFor: 0s (expected: a duration from 1ms to 24h such as
            upstreamLostCode: 1006          | upstreamLostCode: 1006 (expected: a Close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999)
            upstreamLostCode: x             | upstreamLostCode: x (expected: a Close code
            lostCodes: [1001, 1005]         | lostCodes[1]: 1005 (expected: a Close code that may be sent
            lostCodes: [1001, 1001]         | lostCodes[1]: 1001 again (expected: each only once)
            lostCodes: 1001                 | lostCodes: 1001, a single value (expected: a list of Close codes)
            confirm: pong                   | confirm: pong (expected: one of none, ping; did you mean ping?)
            onReplaced: ""                  | onReplaced: "" (expected: a text that is not empty)
            queue: {maxMessages: 0}         | queue.maxMessages: 0 (expected: a whole number from 1 to 10000000)
            queue: {maxBytes: 0}            | queue.maxBytes: 0 (expected: a size > 0 such as 512, 64KiB, 1MiB or 1GiB)
            queue: {overflow: drop}         | queue.overflow: drop (expected: one of pause, drop-oldest, drop-newest, close)
            queue: {ttl: 5}                 | queue.ttl: 5 (expected: a duration
            dedup: {}                       | dedup.key: missing (expected: content, or a JSON Pointer
            dedup: {key: id}                | dedup.key: id (expected: content, or a JSON Pointer such as /id or /params/0/id
            dedup: {key: /a~2}              | dedup.key: /a~2 (expected: content, or a JSON Pointer
            dedup: {key: /a, scope: world}  | dedup.scope: world (expected: one of session, route)
            dedup: {key: /a, maxEntries: 0} | dedup.maxEntries: 0 (expected: a whole number from 1 to 16777216)
            dedup: {key: /a, window: 0s}    | dedup.window: 0s (expected: a duration
            requests: {protocol: jsonrpc}   | requests.protocol: jsonrpc (expected: one of json-rpc, ocpp-j, graphql-transport-ws; did you mean json-rpc?)
            requests: {protocol: custom}    | requests.protocol: custom (expected: one of
            requests: {}                    | requests.id: missing (expected: a JSON Pointer, or else a protocol)
            requests: {protocol: json-rpc, id: /id}     | requests.id: /id (expected: only without protocol)
            requests: {protocol: json-rpc, method: /m}  | requests.method: /m (expected: only without protocol)
            requests: {protocol: json-rpc, error: "{id}"} | requests.error: {id} (expected: only without protocol)
            requests: {protocol: json-rpc, replay: al}  | requests.replay: al (expected: one of all, none, or a list of methods; did you mean all?)
            requests: {protocol: json-rpc, replay: {}}  | requests.replay: a map (expected: one of all, none, or a list of methods)
            requests: {protocol: json-rpc, replay: []}  | requests.replay: an empty list (expected: at least one)
            requests: {protocol: json-rpc, timeout: 0s} | requests.timeout: 0s (expected: a duration
            requests: {protocol: graphql-transport-ws, replay: [a]} | requests.replay: [a] (expected: all or none with graphql-transport-ws)
            requests: {id: /id, replay: [a]}            | requests.replay: [a] (expected: all or none where method is not set)
            requests: {id: /a/b}            | requests.error: missing (expected: a template, because /a/b is not the name of a member of the message itself)
            requests: {id: /1}              | requests.error: missing (expected: a template, because /1 is not
            requests: {id: /id, error: no}  | requests.error: no (expected: a text with {id} in it)
            prologue: {}                    | prologue.first: missing (expected: a number, or else at with remember)
            prologue: {first: 0}            | prologue.first: 0 (expected: a whole number from 1 to 1000)
            prologue: {first: 1, at: /m, remember: [a]} | prologue.at: /m (expected: only without first)
            prologue: {first: 1, remember: [a]}         | prologue.remember: [a] (expected: only with at)
            prologue: {first: 1, key: /k}   | prologue.key: /k (expected: only with at)
            prologue: {at: /m}              | prologue.remember: missing (expected: what at least one message has at /m)
            prologue: {at: /m, remember: [a], forget: [b]}          | prologue.forget: [b] (expected: only with key)
            prologue: {at: /m, remember: [a], key: /k, forget: [a]} | prologue.forget: [a] (expected: nothing that is remembered)
            prologue: {first: 1, swallowReplies: yes}   | prologue.swallowReplies: yes (expected: one of true, false)
            ping: {interval: 0s}            | ping.interval: 0s (expected: a duration
            ping: {timeout: 2h}             | ping.timeout: 2h (expected: a duration from 10ms to 1h
            limits: {message: 0}            | limits.message: 0 (expected: a size > 0 where continuity is reconnect)
            """)
    void aBadValueIsNamed(String keys, String message) {
        assertThat(problems("continuity: reconnect\n    " + keys))
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains("bad.yaml:6: routes[0]." + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            reconnectFor: 5m            | reconnectFor: 5m (expected: only with continuity: reconnect)
            lostCodes: [1001]           | lostCodes: a list (expected: only with continuity: reconnect)
            confirm: ping               | confirm: ping (expected: only with continuity: reconnect)
            onReplaced: hello           | onReplaced: hello (expected: only with continuity: reconnect)
            queue: {ttl: 1m}            | queue: a map (expected: only with continuity: reconnect)
            prologue: {first: 1}        | prologue: a map (expected: only with continuity: reconnect)
            ping: {}                    | ping: a map (expected: only with continuity: reconnect)
            dedup: {key: /id}\\n    limits: {message: 0}                | limits.message: 0 (expected: a size > 0 where dedup is set)
            requests: {protocol: ocpp-j}\\n    limits: {message: 0}     | limits.message: 0 (expected: a size > 0 where requests is set)
            """)
    void whatARouteThatClosesCannotDoIsNamed(String keys, String message) {
        assertThat(problems(keys.replace("\\n", "\n")))
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .contains(": routes[0]." + message);
    }

    @Test
    void whatARouteThatClosesCanDoIsTaken() throws Exception {
        RouteConfig route = route("upstreamLostCode: 1012\n    dedup: {key: /id}\n    requests: {protocol: ocpp-j}");

        assertThat(route.continuity().upstreamLostCode()).isEqualTo(1012);
        assertThat(route.keepsWholeMessages()).isTrue();
        assertThat(route("limits: {message: 0}").keepsWholeMessages()).isFalse();
    }

    @Test
    void contradictionsComeAtOnceWithEverythingElse() {
        List<Problem> problems = problems("""
                continuity: close
                    confirm: ping
                    onReplaced: hello
                    reconnectFor: soon
                    dedup: {key: id}
                    requests: {protocol: json-rpc, id: /id, method: /m}
                    prologue: {first: 1, key: /k, forget: [a]}
                    limits: {message: 0}
                """);

        assertThat(problems)
                .extracting(problem -> problem.line() + " " + problem.path() + " " + problem.expected())
                .contains(
                        "6 routes[0].confirm only with continuity: reconnect",
                        "7 routes[0].onReplaced only with continuity: reconnect",
                        "8 routes[0].reconnectFor only with continuity: reconnect",
                        "10 routes[0].requests.id only without protocol",
                        "10 routes[0].requests.method only without protocol",
                        "11 routes[0].prologue only with continuity: reconnect",
                        "11 routes[0].prologue.key only with at",
                        "11 routes[0].prologue.forget only with at",
                        "12 routes[0].limits.message a size > 0 where dedup is set")
                .anySatisfy(line -> assertThat(line).startsWith("8 routes[0].reconnectFor a duration"))
                .anySatisfy(line -> assertThat(line).startsWith("9 routes[0].dedup.key content, or"));
    }

    private RouteConfig route(String keys) throws Exception {
        return load(FILE + "    " + keys, Map.of()).routes().get(0);
    }

    private List<Problem> problems(String keys) {
        return catchThrowableOfType(ConfigException.class, () -> route(keys)).problems();
    }

    private GatewayConfig load(String text, Map<String, String> env) throws Exception {
        return ConfigReader.read(Files.writeString(directory.resolve("bad.yaml"), text), env);
    }
}
