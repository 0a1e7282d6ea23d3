package io.tidegate.server.config;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.key.Findings;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import io.tidegate.server.config.upstream.UpstreamKeys;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set of upstream servers that do the same. Its name is its key in {@link GatewayConfig#upstreams()}.
 *
 * @param endpoints at least one, no two with the same URI
 * @param balance how the endpoint for a leg is picked
 * @param connectTimeout bounds dialling and the wait for the upstream's handshake answer together; 1 ms to 1 h
 * @param retry how often, and how soon, a dial that failed is tried again
 * @param breaker when an endpoint is not dialled for a while
 * @param health periodic checks of each endpoint; null for none
 * @param reconnectRate how many upstream legs that were lost are dialled anew in a second; 1 to 1,000,000
 * @param dns how names of endpoints are looked up
 */
public record UpstreamConfig(
        List<EndpointConfig> endpoints,
        BalanceConfig balance,
        Duration connectTimeout,
        DialRetryConfig retry,
        BreakerConfig breaker,
        @Nullable HealthConfig health,
        int reconnectRate,
        DnsConfig dns) {

    public UpstreamConfig {
        endpoints = UpstreamKeys.ENDPOINTS.check(List.copyOf(endpoints));
        ConfigKeys.CONNECT_TIMEOUT.check(connectTimeout);
        UpstreamKeys.RECONNECT_RATE.check(reconnectRate);
        List<URI> uris = endpoints.stream().map(EndpointConfig::uri).toList();
        new Findings()
                .require(
                        Set.copyOf(uris).size() == uris.size(),
                        "endpoints",
                        endpoints,
                        "each only once, whatever its weight")
                .raise();
    }
}
