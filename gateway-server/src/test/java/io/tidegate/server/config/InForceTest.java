package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration in force, as operators are shown it. */
class InForceTest {

    private static final String LEAST = """
            listeners: [{address: "127.0.0.1:0"}]
            upstreams: {chat: {endpoints: ["ws://127.0.0.1:9001"]}}
            routes: [{upstream: chat}]
            """;

    @TempDir
    private Path directory;

    @Test
    void whatIsNotWrittenHasItsDefaultAndWhatServesNothingIsLeftOut() throws Exception {
        assertThat(load(LEAST, Map.of()).yaml()).isEqualTo("""
                listeners:
                  - address: 127.0.0.1:0
                upstreams:
                  chat:
                    endpoints:
                      - ws://127.0.0.1:9001
                    balance: round-robin
                    connectTimeout: 2s
                    retry:
                      maxAttempts: 5
                      firstBackoff: 100ms
                      maxBackoff: 10s
                      deadline: 60s
                      budget: 20%
                    breaker:
                      failureRate: 50%
                      window: 20
                      minimumCalls: 5
                      openFor: 10s
                      halfOpenCalls: 3
                    reconnectRate: 500/s
                    dns:
                      interval: 5s
                routes:
                  - path: /
                    host: "*"
                    upstream: chat
                    continuity: close
                    upstreamLostCode: 1014
                    limits:
                      message: 1MiB
                      frame: 1MiB
                eventLoops: 0
                transport: auto
                queueBytes: 256MiB
                drain:
                  timeout: 30s
                  spread: 10s
                  closeCode: 1001
                log:
                  format: text
                  level: info
                  access: false
                """);
    }

    @Test
    void readBackItMeansTheSame() throws Exception {
        ConfigReader.Loaded loaded = load("""
                listeners: [{address: "[::1]:8080"}, {address: "localhost:8081"}]
                admin: {address: "127.0.0.1:9090"}
                upstreams:
                  chat:
                    endpoints: ["ws://a:1", "ws://b:2/p weight=3"]
                    balance: "hash:header:X-User"
                    health: {interval: 1s}
                  other: {endpoints: ["ws://[::1]:9002"]}
                routes:
                  - path: /chat
                    host: "*.example.com"
                    upstream: chat
                    continuity: reconnect
                    confirm: ping
                    lostCodes: [1001, 4000]
                    onReplaced: '{"type": "re\\u0001connected \\\\ $${x}"}'
                    dedup: {key: /id}
                    requests: {protocol: json-rpc}
                    prologue: {first: 1}
                  - {upstream: other, limits: {message: 0}}
                drain: {spread: 1s}
                """, Map.of());
        assertThat(load(loaded.yaml(), Map.of()).config()).isEqualTo(loaded.config());
        assertThat(load(loaded.yaml(), Map.of()).yaml()).isEqualTo(loaded.yaml());
    }

    @Test
    void variablesArePutInAndSecretsAreNot() throws Exception {
        Map<String, String> environment =
                Map.of("SECRET", "s3cret", "UPSTREAM", "ws://c:3", "TIDEGATE_DRAIN_TIMEOUT", "7s");
        String yaml = load(
                        LEAST.replace("ws://127.0.0.1:9001", "${UPSTREAM}")
                                + "admin: {address: \"0.0.0.0:9090\", token: \"${SECRET}\"}\n",
                        environment)
                .yaml();
        assertThat(yaml)
                .contains("- ws://c:3\n", "  timeout: 7s\n", "  token: \"***\"\n")
                .doesNotContain("s3cret", "SECRET");
        String byVariable = load(
                        LEAST + "admin: {address: \"0.0.0.0:9090\"}\n", Map.of("TIDEGATE_ADMIN_TOKEN", "s3cret"))
                .yaml();
        assertThat(byVariable).contains("  token: \"***\"\n").doesNotContain("s3cret");
    }

    private ConfigReader.Loaded load(String yaml, Map<String, String> environment) throws Exception {
        return ConfigReader.load(Files.writeString(directory.resolve("gateway.yaml"), yaml), environment);
    }
}
