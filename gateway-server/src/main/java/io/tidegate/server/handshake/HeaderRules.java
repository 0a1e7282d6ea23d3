package io.tidegate.server.handshake;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which headers pass from one leg to the other, and which the gateway writes itself. */
final class HeaderRules {

    /** Hop-by-hop headers (RFC 9110, section 7.6.1, and the older list of RFC 2616, section 13.5.1). */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** What each leg settles for itself; the handshake classes write these anew where they belong. */
    private static final Set<String> PER_LEG = Set.of(
            "content-length",
            "sec-websocket-key",
            "sec-websocket-accept",
            "sec-websocket-version",
            "sec-websocket-protocol",
            "sec-websocket-extensions");

    /** Makes headers for what a decoder has validated already. */
    private static final HttpHeadersFactory COPIES =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false);

    private HeaderRules() {}

    /** Copies what is neither hop-by-hop, nor named by {@code Connection}, nor settled for each leg by itself. */
    static HttpHeaders endToEnd(HttpHeaders from) {
        Set<String> named = new TreeSet<>(tokens(from.getAll(HttpHeaderNames.CONNECTION)));
        // A request without Host is invalid, whatever Connection says of it.
        named.remove("host");
        HttpHeaders to = COPIES.newHeaders();
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name) && !PER_LEG.contains(name) && !named.contains(name)) {
                to.add(header.getKey(), header.getValue());
            }
        }
        return to;
    }

    /**
     * Says for whom the request is made, in place of what the client may have said itself: {@code X-Forwarded-For},
     * {@code -Proto}, {@code -Host} and {@code Forwarded} (RFC 7239).
     */
    static void setForwarded(HttpHeaders headers, @Nullable InetSocketAddress client, @Nullable String host) {
        List<String> claimed = new ArrayList<>();
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-forwarded-") || lower.equals("forwarded")) {
                claimed.add(name);
            }
        }
        claimed.forEach(headers::remove);
        StringBuilder forwarded = new StringBuilder("for=");
        String address = client == null || client.getAddress() == null
                ? null
                : withoutZone(client.getAddress().getHostAddress());
        if (address == null) {
            forwarded.append("unknown");
        } else {
            headers.set("X-Forwarded-For", address);
            forwarded.append(address.indexOf(':') < 0 ? address : "\"[" + address + "]\"");
        }
        headers.set("X-Forwarded-Proto", "http");
        if (host != null) {
            headers.set("X-Forwarded-Host", host);
            forwarded
                    .append(";host=\"")
                    .append(host.replaceAll("[\"\\\\]", "\\\\$0"))
                    .append('"');
        }
        headers.set("Forwarded", forwarded.append(";proto=http").toString());
    }

    /** The elements of a comma-separated header in all its lines, in lower case, without white space around them. */
    static List<String> tokens(List<String> values) {
        List<String> tokens = new ArrayList<>();
        for (String element : elements(values)) {
            tokens.add(element.toLowerCase(Locale.ROOT));
        }
        return tokens;
    }

    /** The elements of a comma-separated header in all its lines, as they are, without white space around them. */
    static List<String> elements(List<String> values) {
        List<String> elements = new ArrayList<>();
        for (String value : values) {
            for (String element : value.split(",", -1)) {
                String trimmed = element.trim();
                if (!trimmed.isEmpty()) {
                    elements.add(trimmed);
                }
            }
        }
        return elements;
    }

    private static String withoutZone(String address) {
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }
}
