package io.tidegate.server.config.upstream;

import java.net.URI;

/**
 * One upstream address.
 *
 * @param uri a {@code ws} URI; kept with host in lower case and port spelled out, so {@link URI#getPort()} is 1 to 65535
 * @param weight its share, compared with the other endpoints'; 1 to 100
 */
public record EndpointConfig(URI uri, int weight) {

    public EndpointConfig {
        uri = Endpoints.normal(uri);
        Endpoints.requireWeight(weight);
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
