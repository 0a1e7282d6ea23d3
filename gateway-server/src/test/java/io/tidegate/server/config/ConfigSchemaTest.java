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
                balance: round-robin
                connectTimeout: ${TIMEOUT:-2s}
            routes:
              - path: /chat
                host: "*.example.com"
                upstream: chat
                continuity: close
                limits: {message: 512, frame: 64KiB}
              - upstream: ${NAME}
                limits: {message: "512", frame: "${FRAME}"}
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
                "close -> reconnect",
                "2s} -> 2s",
                "64KiB -> 64kB",
                "512 -> -1",
                "ws://127 -> wss://127",
                "limits: -> limit:",
                "eventLoops: 2 -> eventLoops: two",
                "[::1]:9090 -> 9090",
                "*.example -> *example",
                "round-robin -> least",
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
