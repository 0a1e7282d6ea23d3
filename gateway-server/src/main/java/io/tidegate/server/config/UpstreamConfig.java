package io.tidegate.server.config;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import java.time.Duration;
import java.util.List;
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
        endpoints = ConfigKeys.ENDPOINTS.check(List.copyOf(endpoints));
        ConfigKeys.BALANCE.check(balance);
        ConfigKeys.CONNECT_TIMEOUT.check(connectTimeout);
    }
}
