package io.tidegate.bench.fault.process;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario asks of the gateway.
 *
 * @param routes paths and the endpoints behind each
 * @param reconnect {@code continuity: reconnect} rather than {@code close}
 * @param confirm whether deliveries are confirmed by pings
 * @param requests the protocol whose requests are tracked; null for none
 * @param queueBytes the budget of all queues
 * @param connectTimeout for dialling an upstream and its answer
 * @param ping how often upstream legs are pinged, and how long a Pong may take
 * @param reconnectRate re-dials per second; 0 for the gateway's default
 */
public record GatewaySettings(
        Map<String, List<URI>> routes,
        boolean reconnect,
        boolean confirm,
        @Nullable String requests,
        long queueBytes,
        Duration connectTimeout,
        Duration ping,
        int reconnectRate) {

    /** Dials are tried this often, so that what is measured is not the gateway's patience. */
    private static final String RETRY =
            "{maxAttempts: 5, firstBackoff: 20ms, maxBackoff: 100ms, deadline: 60s, budget: 20%}";

    private static final String BREAKER =
            "{failureRate: 50%, window: 20, minimumCalls: 5, openFor: 100ms, halfOpenCalls: 3}";

    /** The gateway's configuration file. Of a {@code close} route it says only what differs from the defaults. */
    String yaml(int port, int adminPort) {
        StringJoiner yaml = new StringJoiner("\n", "", "\n");
        yaml.add("listeners:").add("  - address: 127.0.0.1:" + port);
        yaml.add("admin:").add("  address: 127.0.0.1:" + adminPort);
        if (reconnect) {
            yaml.add("queueBytes: " + queueBytes);
        }
        yaml.add("upstreams:");
        int number = 0;
        for (List<URI> endpoints : routes.values()) {
            yaml.add("  u" + number++ + ":");
            yaml.add("    endpoints: " + endpoints);
            yaml.add("    connectTimeout: " + connectTimeout.toMillis() + "ms");
            yaml.add("    retry: " + RETRY).add("    breaker: " + BREAKER);
            if (reconnectRate > 0) {
                yaml.add("    reconnectRate: " + reconnectRate + "/s");
            }
        }
        yaml.add("routes:");
        number = 0;
        for (String path : routes.keySet()) {
            yaml.add("  - path: " + path).add("    upstream: u" + number++);
            if (reconnect) {
                continuity(yaml);
            }
        }
        return yaml.toString();
    }

    private void continuity(StringJoiner yaml) {
        yaml.add("    continuity: reconnect");
        yaml.add("    ping: {interval: " + ping.toMillis() + "ms, timeout: " + ping.toMillis() + "ms}");
        if (confirm) {
            yaml.add("    confirm: ping");
        }
        if (requests != null) {
            yaml.add("    requests: {protocol: " + requests + ", replay: all, timeout: 60s}");
        }
    }
}
