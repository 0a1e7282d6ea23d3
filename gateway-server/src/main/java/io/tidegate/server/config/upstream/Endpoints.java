package io.tidegate.server.config.upstream;

import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Scalar;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What an upstream's address may look like. */
final class Endpoints {

    static final int MOST_WEIGHT = 100;

    private static final String EXPECTED = "ws://host:port or ws://host:port/path";
    private static final String WEIGHT_EXPECTED =
            EXPECTED + ", each also with weight=N behind it, N from 1 to " + MOST_WEIGHT;
    private static final int DEFAULT_PORT = 80;
    private static final Pattern WEIGHT = Pattern.compile("weight=([0-9]{1,9})");

    static final Scalar<EndpointConfig> SHAPE = new Scalar<>(
            "endpoint",
            EXPECTED + ", each also with weight=N behind it",
            Scalar.Syntax.text("^[wW][sS]://[^/?#@\\s]+(/[^?#\\s]*)?( +weight=[0-9]{1,3})?$"),
            Endpoints::parse,
            endpoint -> {});

    private Endpoints() {}

    /** Reads an endpoint; throws {@link InvalidValue}. */
    static EndpointConfig parse(String text) {
        int space = text.indexOf(' ');
        if (space < 0) {
            return EndpointConfig.of(uri(text));
        }
        URI uri = uri(text.substring(0, space));
        Matcher weight = WEIGHT.matcher(text.substring(space).strip());
        require(weight.matches(), WEIGHT_EXPECTED);
        int share = Integer.parseInt(weight.group(1));
        requireWeight(share);
        return new EndpointConfig(uri, share);
    }

    private static URI uri(String text) {
        try {
            return normal(new URI(text));
        } catch (URISyntaxException e) {
            throw new InvalidValue(EXPECTED);
        }
    }

    /**
     * The endpoint with scheme and host in lower case and the port spelled out; the path stays byte for byte.
     *
     * @throws InvalidValue when it is no endpoint
     */
    static URI normal(URI uri) {
        String scheme = uri.getScheme();
        if ("wss".equalsIgnoreCase(scheme)) {
            throw new InvalidValue(EXPECTED + "; TLS to upstreams is not in this version yet");
        }
        require("ws".equalsIgnoreCase(scheme) && uri.getRawAuthority() != null, EXPECTED);
        require(uri.getRawAuthority().indexOf('@') < 0, EXPECTED + ", without a user name or password");
        require(uri.getRawQuery() == null, EXPECTED + ", without a query: the client's is used");
        require(uri.getRawFragment() == null, EXPECTED + ", without a fragment");
        String host = uri.getHost();
        if (host == null) {
            throw new InvalidValue(EXPECTED + ", the host a name of letters, digits, - and ., or an IP address");
        }
        int port = uri.getPort() == -1 ? DEFAULT_PORT : uri.getPort();
        require(port >= 1 && port <= 65_535, EXPECTED + ", the port from 1 to 65535");
        return URI.create("ws://" + host.toLowerCase(Locale.ROOT) + ":" + port + orEmpty(uri.getRawPath()));
    }

    static void requireWeight(int weight) {
        require(weight >= 1 && weight <= MOST_WEIGHT, WEIGHT_EXPECTED);
    }

    private static String orEmpty(@Nullable String path) {
        return path == null ? "" : path;
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new InvalidValue(expected);
        }
    }
}
