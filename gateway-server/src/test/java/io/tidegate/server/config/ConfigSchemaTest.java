package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema says yes and no to what the reader says yes and no to. */
class ConfigSchemaTest {

    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(ConfigSchema.write());

    private static final String GOOD = """
            listeners:
              - address: 127.0.0.1:8080
            admin:
              address: "[::1]:9090"
            upstreams:
              chat:
                endpoints: [ws://127.0.0.1:9001, "ws://${HOST:-b}/x"]
                balance: hash:header:X-User
                connectTimeout: ${TIMEOUT:-2s}
                retry: {maxAttempts: 3, firstBackoff: 10ms, budget: 25%}
                breaker: {failureRate: "${RATE:-50%}", minimumCalls: 1}
                health: {}
                reconnectRate: 50/s
                dns: {servers: [10.0.0.2, "[::1]:53"]}
              feed:
                endpoints: [ws://127.0.0.1:9001 weight=3]
            routes:
              - path: /chat
                host: "*.example.com"
                upstream: chat
                continuity: reconnect
                lostCodes: [1001, "4000"]
                confirm: ping
                onReplaced: '{"type":"back"}'
                queue: {maxBytes: 64KiB, ttl: 0s, overflow: drop-oldest}
                dedup: {key: /id, scope: route}
                requests: {id: /0/id, method: /method, replay: [get, list], error: '{"id":{id}}'}
                prologue: {at: /method, remember: [auth, 7], key: /k, swallowReplies: true}
                limits: {message: 512, frame: 64KiB}
              - upstream: ${NAME}
                limits: {message: "512", frame: "${FRAME}"}
                requests: {protocol: json-rpc, replay: none}
                dedup: {key: content}
                prologue: {first: 1, swallowReplies: "true"}
            eventLoops: 2
            transport: ${TRANSPORT}
            """;

    @Test
    void takesWhatIsValid() {
        assertThat(validate(GOOD)).isEmpty();
        assertThat(validate(GOOD.replace("eventLoops: 2", "eventLoops: ${LOOPS:-2}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/chat -> chat",
                "reconnect -> keep",
                "2s} -> 2s",
                "64KiB -> 64kB",
                "512 -> -1",
                "ws://127 -> wss://127",
                "limits: -> limit:",
                "eventLoops: 2 -> eventLoops: two",
                "[::1]:9090 -> 9090",
                "*.example -> *example",
                "hash:header:X-User -> hash:cookie:x",
                "50/s -> 50",
                "25% -> 0.25",
                "weight=3 -> weight=many",
                "10.0.0.2 -> dns.internal",
                "4000 -> 1005",
                "drop-oldest -> drop",
                "key: /id -> key: id",
                "key: content -> key: contents",
                "replay: [get, list] -> replay: get",
                "replay: none -> replay: []",
                "{\"id\":{id}} -> {\"id\":0}",
                "swallowReplies: true -> swallowReplies: maybe",
                "first: 1 -> first: one",
                "routes: -> rules:"
            })
    void refusesWhatIsNot(String change) {
        String[] parts = change.split(" -> ", -1);
        String bad = GOOD.replace(parts[0], parts[1]);

        assertThat(bad).isNotEqualTo(GOOD);
        assertThat(validate(bad)).isNotEmpty();
    }

    @Test
    void refusesEmptyLists() {
        assertThat(validate("listeners: []\nupstreams: {}\nroutes: []\n")).hasSize(3);
    }

    private static List<Error> validate(String yaml) {
        return SCHEMA.validate(yaml, InputFormat.YAML);
    }
}
