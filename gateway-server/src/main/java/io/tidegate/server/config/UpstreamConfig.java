package io.tidegate.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * A set of upstream servers that do the same. Its name is its key in {@link GatewayConfig#upstreams()}.
 *
 * @param endpoints {@code ws} URIs, at least one, no two the same; kept with host in lower case and port spelled out, so
 *     {@link URI#getPort()} is 1 to 65535
 * @param balance how the endpoint for a new session is picked
 * @param connectTimeout bounds dialling and the wait for the upstream's handshake answer together; 1 ms to 1 h
 */
public record UpstreamConfig(List<URI> endpoints, Balance balance, Duration connectTimeout) {

    public UpstreamConfig {
        endpoints.forEach(Endpoints.SHAPE::verify);
        endpoints = ConfigKeys.ENDPOINTS.check(
                endpoints.stream().map(Endpoints::normal).toList());
        ConfigKeys.BALANCE.check(balance);
        ConfigKeys.CONNECT_TIMEOUT.check(connectTimeout);
    }
}
