package io.tidegate.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.Handshake;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections that come and go by the hundred thousand, and the upstream they go to. It keeps nothing of those that have
 * gone.
 *
 * <p>Each one asks for one reply and then ends, by turns: with a Close of the client's, with a Close of the upstream's, with
 * FIN, with RST. Both are JSON-RPC, so that routes that look into messages find something.
 *
 * <p><b>Threads:</b> one for each connection under way, on either side.
 */
final class Crowd implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int KEY = 0x21436587;
    private static final byte[] REQUEST = toUpstream(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"come\"}"));
    private static final byte[] LAST_REQUEST =
            toUpstream(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"go\"}"));
    private static final byte[] REPLY = FrameCodec.encode(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":0}"));
    private static final byte[] CLOSE = toUpstream(Frame.close(1000, ""));
    private static final byte[] CLOSE_OF_UPSTREAM = FrameCodec.encode(Frame.close(1000, ""));

    private final ServerSocket upstream;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "crowd");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger turn = new AtomicInteger();

    /** The ways to end. */
    private enum End {
        CLOSE,
        CLOSE_OF_UPSTREAM,
        FIN,
        RST
    }

    Crowd() throws IOException {
        upstream = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** The upstream's {@code ws://127.0.0.1:PORT}. */
    String uri() {
        return "ws://127.0.0.1:" + upstream.getLocalPort();
    }

    /** Lets {@code count} clients come and go, {@code width} at a time, to each of the paths in turn. */
    void pass(InetSocketAddress gateway, int count, int width, String... paths) throws InterruptedException {
        List<byte[]> handshakes = new ArrayList<>();
        for (String path : paths) {
            handshakes.add(Handshake.of(path).bytes(gateway));
        }
        AtomicInteger left = new AtomicInteger(count);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            running.add(threads.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    int number = turn.getAndIncrement();
                    End end = End.values()[number / paths.length % End.values().length];
                    pass(gateway, handshakes.get(number % paths.length), end);
                }
                return null;
            }));
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new AssertionError("a connection failed", e.getCause());
            }
        }
    }

    private static void pass(InetSocketAddress gateway, byte[] handshake, End end) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(gateway, TIMEOUT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 512);
            socket.getOutputStream().write(handshake);
            String head = head(in);
            if (!head.startsWith("HTTP/1.1 101 ")) {
                throw new IOException("answered: " + head);
            }
            socket.getOutputStream().write(end == End.CLOSE_OF_UPSTREAM ? LAST_REQUEST : REQUEST);
            expect(Frame.TEXT, in);
            switch (end) {
                case CLOSE -> {
                    socket.getOutputStream().write(CLOSE);
                    expect(Frame.CLOSE, in);
                    expect(-1, in);
                }
                case CLOSE_OF_UPSTREAM -> {
                    expect(Frame.CLOSE, in);
                    socket.getOutputStream().write(CLOSE);
                    expect(-1, in);
                }
                case FIN -> {}
                case RST -> socket.setSoLinger(true, 0);
            }
        }
    }

    private static void expect(int opcode, InputStream in) throws IOException {
        byte[] payload = new byte[125];
        int got = next(in, payload) >> 8;
        if (got != opcode) {
            throw new IOException("opcode: " + got + " (expected: " + opcode + ")");
        }
    }

    /** Reads a small frame into {@code payload}; gives the opcode and, in the lowest 8 bits, its length; -1 at the end. */
    private static int next(InputStream in, byte[] payload) throws IOException {
        int first = in.read();
        if (first < 0) {
            return -1;
        }
        int second = in.read();
        int length = second & 0x7F;
        if (second < 0 || length > 125) {
            throw new IOException("no small frame: " + second);
        }
        byte[] key = in.readNBytes((second & 0x80) == 0 ? 0 : 4);
        if (in.readNBytes(payload, 0, length) < length) {
            throw new EOFException("inside of a frame");
        }
        for (int i = 0; i < length && key.length == 4; i++) {
            payload[i] ^= key[i & 3];
        }
        return (first & 0xF) << 8 | length;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("inside of a head: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static byte[] toUpstream(Frame frame) {
        return FrameCodec.encode(frame.maskedWith(KEY));
    }

    // the upstream

    private void accept() {
        while (!upstream.isClosed()) {
            try {
                Socket socket = upstream.accept();
                threads.execute(() -> serve(socket));
            } catch (SocketException e) {
                return; // closed
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void serve(Socket connection) {
        try (Socket socket = connection) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 512);
            String head = head(in);
            int key = head.toLowerCase(Locale.ROOT).indexOf("sec-websocket-key:") + "sec-websocket-key:".length();
            String accept = Handshake.acceptFor(
                    head.substring(key, head.indexOf('\r', key)).trim());
            socket.getOutputStream()
                    .write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n")
                            .getBytes(ISO_8859_1));
            byte[] payload = new byte[125];
            for (int frame = next(in, payload); frame >= 0; frame = next(in, payload)) {
                byte[] bytes = Arrays.copyOf(payload, frame & 0xFF);
                switch (frame >> 8) {
                    case Frame.TEXT -> {
                        socket.getOutputStream().write(REPLY);
                        if (new String(bytes, UTF_8).contains("\"go\"")) {
                            socket.getOutputStream().write(CLOSE_OF_UPSTREAM);
                        }
                    }
                    case Frame.PING -> socket.getOutputStream().write(FrameCodec.encode(Frame.of(Frame.PONG, bytes)));
                    case Frame.CLOSE -> {
                        socket.getOutputStream().write(CLOSE_OF_UPSTREAM);
                        return;
                    }
                    default -> throw new IOException("not expected: a frame of opcode " + (frame >> 8));
                }
            }
        } catch (IOException e) {
            // The other side went, or the test is over.
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        upstream.close();
        threads.shutdownNow();
        threads.awaitTermination(1, TimeUnit.SECONDS);
    }
}
