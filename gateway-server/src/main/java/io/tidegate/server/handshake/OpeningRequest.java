package io.tidegate.server.handshake;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client's opening request, found right (RFC 6455, section 4.2.1), and what of it goes upstream.
 *
 * @param target path and query, byte for byte as the client sent them
 * @param host the host asked for, with its port if it was named: the {@code Host} header, or the authority of a target in
 *     absolute form
 * @param headers what passes to the upstream: end-to-end headers, and the gateway's forwarding headers
 * @param subprotocols the subprotocols that the client offers, in its order
 * @param extensions the extensions that are offered upstream; {@code null} for none
 * @param compression how the answer to them is judged and passed on
 */
public record OpeningRequest(
        String target,
        @Nullable String host,
        HttpHeaders headers,
        List<String> subprotocols,
        @Nullable String extensions,
        Compression compression) {

    /** Scheme and authority, then path and query, either of which may be missing (RFC 3986, section 3). */
    private static final Pattern ABSOLUTE_FORM = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?]+)([/?].*)?");

    /**
     * Checks a request.
     *
     * @throws GatewayException saying what is wrong: {@link Failure#NOT_WEBSOCKET} or {@link Failure#BAD_HANDSHAKE}
     */
    public static OpeningRequest of(
            HttpMethod method,
            HttpVersion version,
            String target,
            HttpHeaders headers,
            @Nullable InetSocketAddress client) {
        if (!HeaderRules.tokens(headers.getAll(HttpHeaderNames.UPGRADE)).contains("websocket")) {
            throw new GatewayException(
                    Failure.NOT_WEBSOCKET, "this is a WebSocket gateway (expected: GET with Upgrade: websocket)");
        }
        require(method.equals(HttpMethod.GET), "method: " + method + " (expected: GET)");
        require(version.compareTo(HttpVersion.HTTP_1_1) >= 0, "version: " + version + " (expected: HTTP/1.1)");
        require(
                HeaderRules.tokens(headers.getAll(HttpHeaderNames.CONNECTION)).contains("upgrade"),
                "Connection: " + shown(headers, HttpHeaderNames.CONNECTION) + " (expected: Upgrade)");
        requireVersion(headers);
        requireKey(headers);
        require(
                headers.getAll(HttpHeaderNames.HOST).size() == 1,
                "Host: " + shown(headers, HttpHeaderNames.HOST) + " (expected: exactly one)");
        require(
                !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                        && headers.getAll(HttpHeaderNames.CONTENT_LENGTH).stream()
                                .allMatch("0"::equals),
                "a body (expected: none in a WebSocket handshake)");
        HttpHeaders passed = HeaderRules.endToEnd(headers);
        String pathAndQuery = target;
        if (!target.startsWith("/")) {
            // In absolute form the target's authority counts, not Host (RFC 9112, section 3.2.2).
            Matcher absolute = ABSOLUTE_FORM.matcher(target);
            require(absolute.matches(), "target: " + target + " (expected: a path that starts with /)");
            passed.set(HttpHeaderNames.HOST, absolute.group(1));
            String rest = absolute.group(2);
            pathAndQuery = rest == null ? "/" : rest.startsWith("/") ? rest : "/" + rest;
        }
        String host = passed.get(HttpHeaderNames.HOST);
        HeaderRules.setForwarded(passed, client, host);
        return new OpeningRequest(
                pathAndQuery,
                host,
                passed,
                HeaderRules.elements(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)),
                Extensions.passable(headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)),
                Compression.END_TO_END);
    }

    /** The same request with {@link Compression#STANDALONE}: of the client's offers only the first valid one, adapted. */
    public OpeningRequest standalone() {
        return compression == Compression.STANDALONE
                ? this
                : offering(Extensions.standalone(extensions), Compression.STANDALONE);
    }

    /**
     * The request for a later leg of a session whose client was told {@code agreed}: the same offers, but no compression when
     * the client has none, as an upstream that agreed to it could not serve that client.
     */
    public OpeningRequest again(OpeningAnswer agreed) {
        return agreed.extensions() == null ? offering(null, compression) : this;
    }

    private OpeningRequest offering(@Nullable String offer, Compression how) {
        return new OpeningRequest(target, host, headers, subprotocols, offer, how);
    }

    /** The path alone, as sent. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static void requireVersion(HttpHeaders headers) {
        if (!headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION).equals(List.of("13"))) {
            throw new UnsupportedVersionException("Sec-WebSocket-Version: "
                    + shown(headers, HttpHeaderNames.SEC_WEBSOCKET_VERSION) + " (expected: 13)");
        }
    }

    private static void requireKey(HttpHeaders headers) {
        List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        boolean valid = false;
        if (keys.size() == 1) {
            try {
                valid = Base64.getDecoder().decode(keys.get(0)).length == 16;
            } catch (IllegalArgumentException e) {
                valid = false;
            }
        }
        require(valid, "Sec-WebSocket-Key: not there or not right (expected: one, of 16 bytes in base64)");
    }

    private static void require(boolean right, String message) {
        if (!right) {
            throw new GatewayException(Failure.BAD_HANDSHAKE, message);
        }
    }

    private static String shown(HttpHeaders headers, CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.isEmpty() ? "missing" : String.join(", ", values);
    }
}
