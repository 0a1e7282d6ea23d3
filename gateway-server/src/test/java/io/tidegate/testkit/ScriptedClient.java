package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client that does what it is told: right, wrong, half or not at all.
 *
 * <p>{@link #connect} for a session, {@link #request} for one answer of any status, {@link #open} for a bare connection to be fed byte by byte.
 */
public final class ScriptedClient extends Peer {

    /**
     * What the server answered.
     *
     * @param complete whether the body was all there: its Content-Length, its last chunk, or the end of the connection when it had neither
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    public record Response(HttpHead head, byte[] body, boolean complete) {
        public int status() {
            return Integer.parseInt(head.secondWord());
        }

        public @Nullable String header(String name) {
            return head.header(name);
        }

        public String text() {
            return new String(body, UTF_8);
        }

        @Override
        public String toString() {
            return head + "\n\n" + (body.length > 500 ? body.length + " bytes" : text())
                    + (complete ? "" : " (cut off)");
        }
    }

    private final InetSocketAddress server;
    private @Nullable Response response; // guarded by the record of Peer

    private ScriptedClient(Socket socket, InetSocketAddress server) throws IOException {
        super("client :" + socket.getLocalPort() + " of :" + server.getPort(), socket);
        this.server = server;
        startReading();
    }

    /** Opens a TCP connection and says nothing. */
    public static ScriptedClient open(InetSocketAddress server) {
        return open(server, 0);
    }

    /**
     * Opens a TCP connection and says nothing.
     *
     * @param receiveBuffer of the socket in bytes, so that a slow reader holds the sender back early; 0 for the system's own
     */
    public static ScriptedClient open(InetSocketAddress server, int receiveBuffer) {
        return open(server, receiveBuffer, null);
    }

    /** Opens a TCP connection from a local address of the loopback net, 127.0.0.2 say, as another client machine would. */
    public static ScriptedClient openFrom(InetAddress local, InetSocketAddress server) {
        return open(server, 0, local);
    }

    private static ScriptedClient open(InetSocketAddress server, int receiveBuffer, @Nullable InetAddress local) {
        Socket socket = new Socket();
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            if (local != null) {
                socket.bind(new InetSocketAddress(local, 0));
            }
            socket.connect(server, (int) PATIENCE.toMillis());
            return new ScriptedClient(socket, server);
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to " + server, e);
        }
    }

    /** Connects and shakes hands; fails unless the answer is a valid 101. */
    public static ScriptedClient connect(InetSocketAddress server, String target, String... headerLines) {
        return connect(server, handshake(target, headerLines));
    }

    public static ScriptedClient connect(InetSocketAddress server, Handshake handshake) {
        ScriptedClient client = open(server);
        client.sendBytes(client.bytesOf(handshake));
        client.awaitUpgrade();
        return client;
    }

    /** Connects, sends the handshake and waits for the answer, whatever it is. */
    public static ScriptedClient request(InetSocketAddress server, String target, String... headerLines) {
        return request(server, handshake(target, headerLines));
    }

    public static ScriptedClient request(InetSocketAddress server, Handshake handshake) {
        ScriptedClient client = open(server);
        client.sendBytes(client.bytesOf(handshake));
        client.awaitResponse();
        return client;
    }

    private static Handshake handshake(String target, String... headerLines) {
        Handshake handshake = Handshake.of(target);
        for (String line : headerLines) {
            handshake.with(line);
        }
        return handshake;
    }

    /** The bytes of a handshake with this client's server, to be sent in whatever pieces. */
    public byte[] bytesOf(Handshake handshake) {
        return handshake.bytes(server);
    }

    /** Sends the handshake and waits for a valid 101. */
    public ScriptedClient handshake(Handshake handshake) {
        sendBytes(bytesOf(handshake));
        awaitUpgrade();
        return this;
    }

    /** Sends the handshake and, in the same write, frames behind it. */
    public ScriptedClient handshakeWith(Handshake handshake, Frame... frames) {
        byte[][] parts = new byte[frames.length + 1][];
        parts[0] = bytesOf(handshake);
        for (int i = 0; i < frames.length; i++) {
            parts[i + 1] = FrameCodec.encode(masked(frames[i]));
        }
        sendBytes(FrameCodec.concat(parts));
        return this;
    }

    /** The server's answer, its body included unless it's a 101. */
    public Response awaitResponse() {
        return await("an HTTP response", PATIENCE, this::responseOrEnd);
    }

    private @Nullable Response responseOrEnd() {
        if (response == null && ending() != null) {
            throw new AssertionError("expected: an HTTP response\nbut: " + this);
        }
        return response;
    }

    /** Waits for a 101 that proves with its Sec-WebSocket-Accept that the server read the key of {@link Handshake}. */
    public Response awaitUpgrade() {
        Response answer = awaitResponse();
        String accept = answer.header("Sec-WebSocket-Accept");
        if (answer.status() != 101) {
            throw new AssertionError("expected: 101\nbut was: " + answer);
        }
        if (!Handshake.acceptFor(Handshake.KEY).equals(accept)
                || !"websocket".equalsIgnoreCase(answer.header("Upgrade"))
                || !"upgrade".equalsIgnoreCase(answer.header("Connection"))) {
            throw new AssertionError("not a valid answer to the key " + Handshake.KEY + ": " + answer);
        }
        return answer;
    }

    @Override
    boolean masks() {
        return true;
    }

    @Override
    boolean readHead(Intake in) throws IOException {
        HttpHead head = HttpHead.read(in);
        if (head == null) {
            return false;
        }
        if (!head.startLine().matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("not a status line: " + head.startLine());
        }
        boolean upgraded = head.secondWord().equals("101");
        Response answer = upgraded ? new Response(head, new byte[0], true) : new BodyReader(in).read(head);
        note(() -> response = answer);
        return upgraded;
    }

    /** Reads a response's body as its headers delimit it (RFC 9112 section 6.3). */
    private static final class BodyReader {
        private final Intake in;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        BodyReader(Intake in) {
            this.in = in;
        }

        Response read(HttpHead head) throws IOException {
            String length = head.header("Content-Length");
            boolean complete;
            if ("chunked".equalsIgnoreCase(head.header("Transfer-Encoding"))) {
                complete = chunks();
            } else if (length != null) {
                complete = bytes(Long.parseLong(length));
            } else {
                bytes(Long.MAX_VALUE);
                complete = true;
            }
            return new Response(head, body.toByteArray(), complete);
        }

        private boolean bytes(long count) throws IOException {
            for (long left = count; left > 0; left--) {
                int next = in.read();
                if (next < 0) {
                    return false;
                }
                body.write(next);
            }
            return true;
        }

        private boolean chunks() throws IOException {
            try {
                for (; ; ) {
                    long size = Long.parseLong(line().split(";", 2)[0].trim(), 16);
                    if (size == 0) {
                        while (!line().isEmpty()) {
                            // trailers
                        }
                        return true;
                    }
                    if (!bytes(size)) {
                        return false;
                    }
                    line();
                }
            } catch (EOFException e) {
                return false;
            }
        }

        private String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("inside of a chunk's head");
                }
                line.write(next);
            }
            return line.toString(StandardCharsets.ISO_8859_1).trim();
        }
    }
}
