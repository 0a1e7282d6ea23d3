package io.tidegate.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.testkit.Peer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One who watches {@code GET /api/events}, and reads only when told to.
 *
 * <p>Events are parsed as the HTML standard says of server-sent events, as far as the gateway uses them.
 */
final class EventStream implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int TOO_MANY = 60;

    /** One event. */
    record Event(String name, long id, JsonNode data) {}

    private final Socket socket = new Socket();
    private final InputStream in;
    /** The head of the response; empty until somebody wants to know. */
    private final List<String> head = new ArrayList<>();
    /** Of the chunk at hand. */
    private long left;

    private boolean over;
    private boolean whole;

    private EventStream(InetSocketAddress admin, int receiveBuffer, String... headers) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(admin);
        socket.setSoTimeout((int) Peer.PATIENCE.toMillis());
        StringBuilder request = new StringBuilder("GET /api/events HTTP/1.1\r\nHost: gateway.example\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(US_ASCII));
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Asks to watch, and reads nothing until it is asked for. */
    static EventStream open(InetSocketAddress admin, String... headers) {
        return open(admin, 0, headers);
    }

    /** @param receiveBuffer in bytes, so that a reader that stops holds the sender back early; 0 for the system's own */
    static EventStream open(InetSocketAddress admin, int receiveBuffer, String... headers) {
        try {
            return new EventStream(admin, receiveBuffer, headers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** That of the response. */
    int status() {
        return Integer.parseInt(head().get(0).split(" ", 3)[1]);
    }

    private List<String> head() {
        try {
            while (head.isEmpty() || !head.get(head.size() - 1).isEmpty()) {
                head.add(line());
            }
            return head;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nullable
    String header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ':';
        return head().stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).trim())
                .findFirst()
                .orElse(null);
    }

    /** The next event; {@code null} when the stream has come to its end. */
    @Nullable
    Event next() {
        head();
        String name = "message";
        long id = -1;
        StringBuilder data = new StringBuilder();
        try {
            for (String line = bodyLine(); line != null; line = bodyLine()) {
                if (line.isEmpty()) {
                    return new Event(name, id, JSON.readTree(data.toString()));
                }
                String[] field = line.split(": ", 2);
                switch (field[0]) {
                    case "event" -> name = field[1];
                    case "id" -> id = Long.parseLong(field[1]);
                    case "data" -> data.append(field[1]);
                    default -> throw new AssertionError("not a field of an event: " + line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!data.isEmpty()) {
            throw new AssertionError("the stream ended inside of an event: " + data);
        }
        return null;
    }

    /** The next event of that name; others are passed over. */
    JsonNode next(String name) {
        return await(name, data -> true);
    }

    /** The next event of that name that is {@code wanted}; others are passed over. */
    JsonNode await(String name, Predicate<JsonNode> wanted) {
        for (int i = 0; i < TOO_MANY; i++) {
            Event event = next();
            if (event == null) {
                throw new AssertionError("expected: the event " + name + "\nbut the stream is over");
            }
            if (event.name.equals(name) && wanted.test(event.data)) {
                return event.data;
            }
        }
        throw new AssertionError("expected: the event " + name + "\nbut was: " + TOO_MANY + " others");
    }

    /** Whether the response came to its proper end, with its last chunk, and wasn't just cut off. */
    boolean isWhole() {
        return whole;
    }

    private @Nullable String bodyLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = bodyByte(); next != '\n'; next = bodyByte()) {
            if (next < 0) {
                if (line.size() > 0) {
                    throw new AssertionError("the stream ended inside of a line: " + line.toString(UTF_8));
                }
                return null;
            }
            line.write(next);
        }
        return line.toString(UTF_8);
    }

    private int bodyByte() throws IOException {
        if (left == 0 && !over) {
            try {
                left = Long.parseLong(line(), 16);
                over = left == 0;
                whole = over;
            } catch (EOFException e) {
                over = true;
            }
        }
        if (over) {
            return -1;
        }
        int next = in.read();
        if (--left == 0) {
            line();
        }
        return next;
    }

    /** Of the head, or what stands around a chunk. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("after " + line.toString(UTF_8));
            }
            line.write(next);
        }
        return line.toString(UTF_8).trim();
    }

    /** Goes, without a word. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
