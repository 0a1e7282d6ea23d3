package io.tidegate.server.config.upstream;

import io.tidegate.server.config.key.InvalidValue;
import java.net.URI;

/**
 * One upstream address.
 *
 * @param uri a {@code ws} URI; kept with host in lower case and port spelled out, so {@link URI#getPort()} is 1 to 65535
 * @param weight its share, compared with the other endpoints'; 1 to 100
 */
public record EndpointConfig(URI uri, int weight) {

    public EndpointConfig {
        try {
            uri = Endpoints.normal(uri);
            Endpoints.requireWeight(weight);
        } catch (InvalidValue e) {
            throw new IllegalArgumentException(
                    "endpoint: " + uri + " weight=" + weight + " (expected: " + e.expected() + ")", e);
        }
    }

    /** An endpoint of weight 1. */
    public static EndpointConfig of(URI uri) {
        return new EndpointConfig(uri, 1);
    }

    /** As written in the configuration: {@code ws://a:9001 weight=3}. */
    @Override
    public String toString() {
        return weight == 1 ? uri.toString() : uri + " weight=" + weight;
    }
}
