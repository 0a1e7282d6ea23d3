package io.tidegate.testkit.process;

import io.tidegate.testkit.Patience;
import io.tidegate.testkit.ReservedPort;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A WebSocket server in a process of its own that can be killed and started again on its port. What it received is known,
 * also of its earlier lives: it tells before it answers.
 *
 * <p><b>Threads:</b> one at a time starts and ends it; the rest may be called from any thread.
 */
public final class UpstreamProcess implements AutoCloseable {
    private static final String MESSAGE = "message ";
    private static final String CONNECTION = "connection ";

    /** What it does. */
    public enum Kind {
        /** Sends each message back. */
        ECHO,
        /** JSON-RPC 2.0: the result of each request is its {@code params}. */
        JSON_RPC,
        /** Accepts, reads, and says nothing. */
        SINK,
        /** Answers each handshake with 500. */
        FAILING,
        /** Accepts each connection and dies on it by RST. */
        DYING,
        /** Echoes, but hangs up on whoever asks for a path with {@code crash}, and on whoever says {@code poison}. */
        FRAGILE
    }

    private final Kind kind;
    private final List<ChildProcess> lives = new CopyOnWriteArrayList<>();
    private final ReservedPort port = ReservedPort.any();

    private UpstreamProcess(Kind kind) {
        this.kind = kind;
    }

    static UpstreamProcess launch(Kind kind) {
        UpstreamProcess upstream = new UpstreamProcess(kind);
        upstream.start();
        return upstream;
    }

    /** Starts it again; returns when it listens. */
    public void start() {
        start(kind);
    }

    /** Starts it again as one that does something else. */
    public void start(Kind as) {
        if (!lives.isEmpty() && process().isAlive()) {
            throw new IllegalStateException("runs already: " + process());
        }
        lives.add(ChildProcess.start(
                "upstream",
                UpstreamMain.class,
                List.of(),
                Integer.toString(port.number()),
                as.name().toLowerCase(Locale.ROOT)));
        process().awaitLine(Pattern.compile("^listening on " + port.number()));
    }

    /** SIGKILL. */
    public void kill() {
        process().kill();
    }

    /** {@code ws://127.0.0.1:PORT}, the same in each life. */
    public URI uri() {
        return port.uri();
    }

    /** The process of its latest life. */
    public ChildProcess process() {
        return lives.get(lives.size() - 1);
    }

    /** All messages it received, in all its lives, in order. Those of several connections are mixed. */
    public List<String> received() {
        return told(MESSAGE).toList();
    }

    /** WebSocket handshakes it was asked for, in all its lives; by clients, and by the gateway's checks of whether it is back. */
    public long handshakes() {
        return told(CONNECTION).count();
    }

    /** Those of {@link #handshakes()} with this target. */
    public long handshakes(String target) {
        return told(CONNECTION).filter(target::equals).count();
    }

    /** Waits until there were so many of them, and tells how many there are. */
    public long awaitHandshakes(String target, long count) {
        return Patience.await(count + " handshakes for " + target, () -> handshakes(target), seen -> seen >= count);
    }

    /** Waits until it has received this. */
    public void awaitReceived(String message) {
        Patience.await(message, this::received, received -> received.contains(message));
    }

    /** Waits until it has received so many messages. */
    public List<String> awaitReceived(int count) {
        return Patience.await(count + " messages", this::received, received -> received.size() >= count);
    }

    private Stream<String> told(String what) {
        List<String> lines = new ArrayList<>();
        lives.forEach(life -> lines.addAll(life.lines()));
        return lines.stream().filter(line -> line.startsWith(what)).map(line -> line.substring(what.length()));
    }

    @Override
    public void close() {
        process().close();
        port.close();
    }
}
