package io.tidegate.bench.load;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is put under load.
 *
 * @param uri a {@code ws://} or {@code wss://} URL with a host
 * @param headers further request headers of each handshake, in order
 * @param trustAnything whether any certificate is accepted ({@code wss} only)
 */
public record Target(URI uri, List<Map.Entry<String, String>> headers, boolean trustAnything) {

    private static final String EXPECTED = " (expected: ws://HOST[:PORT][/PATH] or wss://…)";

    /** Validates. */
    public Target {
        String scheme = uri.getScheme();
        if (scheme == null || !List.of("ws", "wss").contains(scheme.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("url: " + uri + EXPECTED);
        }
        if (uri.getHost() == null || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("url: " + uri + EXPECTED);
        }
        headers = List.copyOf(headers);
    }

    /** A target without further headers. */
    public static Target of(URI uri) {
        return new Target(uri, List.of(), false);
    }

    /** Whether the connection is encrypted. */
    boolean tls() {
        return uri.getScheme().equalsIgnoreCase("wss");
    }

    /** The host's name or address, an IPv6 address without its brackets. */
    String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The port. */
    int port() {
        return uri.getPort() >= 0 ? uri.getPort() : tls() ? 443 : 80;
    }

    /** The value of the {@code Host} header. */
    String authority() {
        return uri.getPort() >= 0 ? uri.getHost() + ":" + uri.getPort() : uri.getHost();
    }

    /** The request target: path and query as they were given. */
    String requestTarget() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }
}
