package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidegate.testkit.HttpHead.Field;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A WebSocket upgrade request, correct unless told otherwise (RFC 6455 section 4.1). */
public final class Handshake {
    /** The key of RFC 6455's own example. */
    public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private final String target;
    private final List<Field> fields = new ArrayList<>();
    private String method = "GET";
    private String version = "HTTP/1.1";
    private byte[] body = {};

    private Handshake(String target) {
        this.target = target;
    }

    /** For a target (path and query) written into the request line as it is. */
    public static Handshake of(String target) {
        return new Handshake(target)
                .add("Upgrade: websocket")
                .add("Connection: Upgrade")
                .add("Sec-WebSocket-Key: " + KEY)
                .add("Sec-WebSocket-Version: 13");
    }

    /** Adds a header line, {@code "Name: value"}, also when there is one of that name. */
    public Handshake add(String line) {
        fields.add(Field.parse(line));
        return this;
    }

    /** Puts a header line in the place of all of its name. */
    public Handshake with(String line) {
        without(Field.parse(line).name());
        return add(line);
    }

    public Handshake without(String name) {
        fields.removeIf(field -> field.is(name));
        return this;
    }

    public Handshake method(String method) {
        this.method = method;
        return this;
    }

    public Handshake version(String version) {
        this.version = version;
        return this;
    }

    /** Sent behind the head as it is; add the Content-Length that goes with it. */
    public Handshake body(String body) {
        this.body = body.getBytes(ISO_8859_1);
        return this;
    }

    /** The key sent, null without one. */
    @Nullable
    String key() {
        return fields.stream()
                .filter(field -> field.is("Sec-WebSocket-Key"))
                .map(Field::value)
                .findFirst()
                .orElse(null);
    }

    /** The request as it goes on the wire; {@code Host} is {@code server}'s address unless one was given. */
    public byte[] bytes(InetSocketAddress server) {
        StringBuilder head = new StringBuilder(method + " " + target + " " + version + "\r\n");
        if (fields.stream().noneMatch(field -> field.is("Host"))) {
            head.append("Host: ").append(hostOf(server)).append("\r\n");
        }
        head.append(fields.stream().map(field -> field + "\r\n").collect(Collectors.joining()))
                .append("\r\n");
        return FrameCodec.concat(head.toString().getBytes(ISO_8859_1), body);
    }

    /** {@code address:port}, as a client writes it into {@code Host}. */
    public static String hostOf(InetSocketAddress server) {
        return server.getAddress().getHostAddress() + ":" + server.getPort();
    }

    /** The Sec-WebSocket-Accept that proves that {@code key} was read (RFC 6455 section 4.2.2). */
    public static String acceptFor(String key) {
        try {
            byte[] proof = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(proof));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
