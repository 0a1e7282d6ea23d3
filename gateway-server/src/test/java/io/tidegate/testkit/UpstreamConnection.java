package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.testkit.HttpHead.Field;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection that a {@link ScriptedUpstream} accepted: what its script and its test command. */
public final class UpstreamConnection extends Peer {

    /** A 101 response, correct unless told otherwise. */
    public static final class Acceptance {
        private final List<Field> fields = new ArrayList<>();
        private byte[] behind = {};

        private Acceptance(String accept) {
            add("Upgrade: websocket").add("Connection: Upgrade").add("Sec-WebSocket-Accept: " + accept);
        }

        /** Adds a header line, {@code "Name: value"}. */
        public Acceptance add(String line) {
            fields.add(Field.parse(line));
            return this;
        }

        /** Puts a header line in the place of all of its name. */
        public Acceptance with(String line) {
            return without(Field.parse(line).name()).add(line);
        }

        public Acceptance without(String name) {
            fields.removeIf(field -> field.is(name));
            return this;
        }

        public Acceptance subprotocol(String name) {
            return with("Sec-WebSocket-Protocol: " + name);
        }

        public Acceptance extensions(String value) {
            return with("Sec-WebSocket-Extensions: " + value);
        }

        /** Sends these frames in the very same write, right behind the response. */
        public Acceptance followedBy(Frame... frames) {
            behind = FrameCodec.encode(List.of(frames));
            return this;
        }

        byte[] bytes() {
            return FrameCodec.concat(head("HTTP/1.1 101 Switching Protocols", fields), behind);
        }
    }

    private @Nullable HttpHead request; // guarded by the record of Peer

    UpstreamConnection(Socket socket, int number) throws IOException {
        super("upstream :" + socket.getLocalPort() + " connection " + number, socket);
        startReading();
    }

    /** The request as it arrived. */
    public HttpHead request() {
        return await("a request", PATIENCE, this::requestOrEnd);
    }

    private @Nullable HttpHead requestOrEnd() {
        if (request == null && ending() != null) {
            throw new AssertionError("expected: a request\nbut: " + this);
        }
        return request;
    }

    /** The request's target, path and query, as it arrived. */
    public String target() {
        return request().secondWord();
    }

    /** Answers 101, correctly. */
    public UpstreamConnection accept() {
        return accept(acceptance -> {});
    }

    /** Answers 101, with changes: {@code c.accept(a -> a.subprotocol("v2").followedBy(Frame.text("hello")))}. */
    public UpstreamConnection accept(Consumer<Acceptance> changes) {
        sendBytes(acceptance(changes));
        return this;
    }

    /** The bytes of a 101 to this connection's request, to be sent in whatever pieces. */
    public byte[] acceptance(Consumer<Acceptance> changes) {
        String key = request().header("Sec-WebSocket-Key");
        Acceptance acceptance = new Acceptance(Handshake.acceptFor(key == null ? "" : key));
        changes.accept(acceptance);
        return acceptance.bytes();
    }

    /**
     * Answers anything but 101. The connection stays open.
     *
     * @param headerLines {@code "Name: value"}; a Content-Length is added unless one of them says how long the body is
     */
    public UpstreamConnection refuse(int status, String body, String... headerLines) {
        request();
        List<Field> fields = new ArrayList<>();
        for (String line : headerLines) {
            fields.add(Field.parse(line));
        }
        byte[] bytes = body.getBytes(UTF_8);
        if (fields.stream().noneMatch(field -> field.is("Content-Length") || field.is("Transfer-Encoding"))) {
            fields.add(new Field("Content-Length", Integer.toString(bytes.length)));
        }
        sendBytes(FrameCodec.concat(head("HTTP/1.1 " + status + " Scripted", fields), bytes));
        return this;
    }

    private static byte[] head(String startLine, List<Field> fields) {
        StringBuilder head = new StringBuilder(startLine).append("\r\n");
        fields.forEach(field -> head.append(field).append("\r\n"));
        return head.append("\r\n").toString().getBytes(UTF_8);
    }

    @Override
    boolean masks() {
        return false;
    }

    @Override
    boolean readHead(Intake in) throws IOException {
        HttpHead head = HttpHead.read(in);
        note(() -> request = head);
        return head != null;
    }
}
