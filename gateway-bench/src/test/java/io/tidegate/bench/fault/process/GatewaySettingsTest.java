package io.tidegate.bench.fault.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewaySettingsTest {

    private static final Map<String, List<URI>> ROUTES =
            Map.of("/", List.of(URI.create("ws://127.0.0.1:1"), URI.create("ws://127.0.0.1:2")));

    @Test
    void aCloseRouteSaysNothingOfContinuity() {
        String yaml = new GatewaySettings(
                        ROUTES, false, false, null, 1, Duration.ofSeconds(5), Duration.ofSeconds(1), 0)
                .yaml(7, 8);

        assertThat(yaml)
                .contains("- address: 127.0.0.1:7\n", "endpoints: [ws://127.0.0.1:1, ws://127.0.0.1:2]\n")
                .doesNotContain("continuity", "queueBytes");
    }

    @Test
    void aReconnectRouteSaysWhatWasAskedFor() {
        String yaml = new GatewaySettings(
                        ROUTES, true, true, "json-rpc", 65_536, Duration.ofSeconds(5), Duration.ofMillis(500), 900)
                .yaml(7, 8);

        assertThat(yaml)
                .contains(
                        "continuity: reconnect",
                        "confirm: ping",
                        "requests: {protocol: json-rpc, replay: all",
                        "queueBytes: 65536",
                        "connectTimeout: 5000ms",
                        "ping: {interval: 500ms, timeout: 500ms}",
                        "reconnectRate: 900/s");
    }
}
