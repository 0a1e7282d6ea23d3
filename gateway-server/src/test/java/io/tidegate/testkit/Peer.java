package io.tidegate.testkit;

import io.tidegate.testkit.Ending.How;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One end of a WebSocket connection that does what it is told and remembers all it receives.
 *
 * <p>It answers nothing by itself, no Ping and no Close, unless {@link #echo} was called. Received frames are kept in order: {@link #awaitFrame} walks along them one by one,
 * {@link #frames} shows them all.
 *
 * <p><b>Threads:</b> a daemon thread reads; every method may be called from any thread. Sending blocks until the socket took the bytes; a send that gets stuck for {@link #PATIENCE} fails and resets
 * the connection. {@link #flood} is for senders that are meant to get stuck.
 */
public abstract class Peer implements AutoCloseable {
    /** How long every wait of the kit lasts at most. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int SHOWN = 12;

    private final String name;
    private final Socket socket;
    private final Intake intake;
    private final Outlet outlet;
    private final Object monitor = new Object();

    // guarded by monitor
    private final List<Frame> frames = new ArrayList<>();
    private int seen;
    private @Nullable Ending ending;

    private final Object handling = new Object();
    // guarded by handling
    private @Nullable FrameHandler onFrame;
    private int handled;

    private volatile boolean closed;
    private volatile int retainUpTo = 16 * 1024 * 1024;

    Peer(String name, Socket socket) throws IOException {
        this.name = name;
        this.socket = socket;
        this.intake = new Intake(socket.getInputStream());
        this.outlet = new Outlet(socket);
        socket.setTcpNoDelay(true);
    }

    /** Starts the reading thread; a subclass does it when it is built. */
    final void startReading() {
        Daemons.start(name + " reader", this::read);
    }

    /** Reads what comes before the frames; false when no frames follow. */
    abstract boolean readHead(Intake in) throws IOException;

    /** Whether this end masks what it sends. */
    abstract boolean masks();

    // sending

    /** Sends a frame as this end should: masked by a client, unmasked by a server. */
    public final void send(Frame frame) {
        sendExactly(masked(frame));
    }

    /** Sends frames in one write, each as this end should. */
    public final void send(Frame... several) {
        sendBytes(FrameCodec.encode(List.of(several).stream().map(this::masked).toList()));
    }

    /** Sends a frame just as its fields say, wrong masking included. */
    public final void sendExactly(Frame frame) {
        sendBytes(FrameCodec.encode(frame));
    }

    /** Sends any bytes in one write. */
    public final void sendBytes(byte[] bytes) {
        try {
            outlet.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(this + ": could not send " + bytes.length + " bytes", e);
        }
    }

    /** Sends each byte in a segment of its own, as far as TCP lets one. */
    public final void sendByteByByte(byte[] bytes) {
        for (byte one : bytes) {
            sendBytes(new byte[] {one});
        }
    }

    /** A text message in several frames: the first of opcode Text, the others continuations. */
    public final void sendFragmented(String... parts) {
        for (int i = 0; i < parts.length; i++) {
            Frame part = i == 0 ? Frame.text(parts[i]) : Frame.continuation(parts[i]);
            send(part.withFin(i == parts.length - 1));
        }
    }

    /**
     * Sends {@code count} binary messages of one frame each, as fast as the other side takes them, from a thread of its own.
     *
     * @param length payload of each frame in bytes, of any size
     */
    public final Flood flood(Pattern pattern, long length, int count) {
        Flood flood = new Flood(this, outlet, pattern, length, count);
        Daemons.start(name + " flood", flood::run);
        return flood;
    }

    /** A frame with the masking that this end owes the other. */
    public final Frame masked(Frame frame) {
        return masks() ? (frame.masked() ? frame : frame.maskedWith(outlet.nextKey())) : frame.unmasked();
    }

    /**
     * Answers every frame, those received already included, like a plain echo server and without a bound on how long it may be stuck in sending: data frames come back as they are, a Ping gets
     * its Pong, a Close its like and then FIN.
     */
    public final void echo() {
        onFrame(frame -> {
            if (frame.opcode() == Frame.PONG) {
                return;
            }
            if (!frame.retained()) {
                throw new IllegalStateException("too large to echo: " + frame);
            }
            Frame reply = frame.opcode() == Frame.PING ? Frame.of(Frame.PONG, frame.payload()) : frame;
            outlet.writeUnwatched(FrameCodec.encode(masked(reply)));
            if (frame.opcode() == Frame.CLOSE) {
                shutdownOutput();
            }
        });
    }

    /** Hands every frame, those received already included, to {@code handler} after it was recorded: one after the other and mostly on the reading thread. */
    public final void onFrame(FrameHandler handler) {
        synchronized (handling) {
            onFrame = handler;
        }
        try {
            handle();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void handle() throws IOException {
        synchronized (handling) {
            for (Frame next = unhandled(); onFrame != null && next != null; next = unhandled()) {
                handled++;
                onFrame.accept(next);
            }
        }
    }

    private @Nullable Frame unhandled() {
        synchronized (monitor) {
            return handled < frames.size() ? frames.get(handled) : null;
        }
    }

    /** What to do with a received frame. */
    @FunctionalInterface
    public interface FrameHandler {
        void accept(Frame frame) throws IOException;
    }

    // ending

    /** Sends a Close. The connection stays. */
    public final void sendClose(int code, String reason) {
        send(Frame.close(code, reason));
    }

    /** Half-close: sends FIN and goes on reading. */
    public final void shutdownOutput() {
        quietly(socket::shutdownOutput);
    }

    /** Half-close of the other kind: reads no more, goes on sending. */
    public final void shutdownInput() {
        quietly(socket::shutdownInput);
    }

    /** Dies abruptly: sends RST. */
    public final void reset() {
        quietly(() -> socket.setSoLinger(true, 0));
        close();
    }

    /** Closes the socket: FIN, or RST if bytes have arrived that were not read. */
    @Override
    public final void close() {
        closed = true;
        quietly(socket::close);
        intake.resume();
    }

    // reading

    /** Stops reading: soon the other side can send no more. */
    public final void pauseReading() {
        intake.pause();
    }

    public final void resumeReading() {
        intake.resume();
    }

    /** Reads {@code bytes} more and then stops. */
    public final void permitReading(long bytes) {
        intake.permit(bytes);
    }

    public final void readSlowly(long bytesPerSecond) {
        intake.slowDown(bytesPerSecond);
    }

    /** Keeps payloads up to this many bytes (16 MiB unless told), and of longer ones only length and CRC. */
    public final void retainPayloadsUpTo(int bytes) {
        retainUpTo = bytes;
    }

    /** Every byte received, HTTP included. */
    public final long bytesReceived() {
        return intake.taken();
    }

    /** Waits until {@code bytes} bytes have arrived in all, HTTP included, whether they make whole frames or not. */
    public final void awaitBytes(long bytes) {
        Daemons.await(intake, bytes + " bytes", PATIENCE, () -> intake.taken() >= bytes ? this : null, this::toString);
    }

    /** All frames received so far. */
    public final List<Frame> frames() {
        synchronized (monitor) {
            return List.copyOf(frames);
        }
    }

    /** The next frame that {@code awaitFrame} has not given out yet. */
    public final Frame awaitFrame() {
        return awaitFrame(PATIENCE);
    }

    public final Frame awaitFrame(Duration patience) {
        return await("a frame", patience, () -> nextFrame("a frame"));
    }

    /** The next {@code count} frames. */
    public final List<Frame> awaitFrames(int count) {
        List<Frame> next = new ArrayList<>(count);
        while (next.size() < count) {
            next.add(awaitFrame());
        }
        return next;
    }

    /** The next frame that {@code wanted} holds for; those before it are passed over. */
    public final Frame awaitFrame(String what, Predicate<Frame> wanted) {
        return await(what, PATIENCE, () -> {
            Frame next = nextFrame(what);
            while (next != null && !wanted.test(next)) {
                next = nextFrame(what);
            }
            return next;
        });
    }

    /** The next Close; frames before it are passed over. */
    public final Frame awaitClose() {
        return awaitFrame("a Close", frame -> frame.opcode() == Frame.CLOSE);
    }

    public final Ending awaitEnd() {
        return awaitEnd(PATIENCE);
    }

    /** How the other side ended the connection. */
    public final Ending awaitEnd(Duration patience) {
        return await("the end of the connection", patience, () -> ending);
    }

    /** How the connection ended, null while it lives. */
    public final @Nullable Ending ending() {
        synchronized (monitor) {
            return ending;
        }
    }

    /** Whether either side ended the connection. */
    final boolean isOver() {
        return closed || ending() != null;
    }

    // the record; all below guarded by it

    private @Nullable Frame nextFrame(String what) {
        if (seen < frames.size()) {
            return frames.get(seen++);
        }
        if (ending != null) {
            throw new AssertionError("expected: " + what + "\nbut the connection is over: " + this);
        }
        return null;
    }

    final <T> T await(String what, Duration patience, Supplier<@Nullable T> probe) {
        return Daemons.await(monitor, what, patience, probe, this::toString);
    }

    /** Changes what a waiter may be waiting for. */
    final void note(Runnable change) {
        synchronized (monitor) {
            change.run();
            monitor.notifyAll();
        }
    }

    private void read() {
        try {
            if (readHead(intake)) {
                for (Frame frame = next(); frame != null; frame = next()) {
                    Frame received = frame;
                    note(() -> frames.add(received));
                    handle();
                }
            } else {
                while (intake.read() >= 0) {
                    // what comes behind a refusal is nobody's
                }
            }
            end(How.FIN, false, "");
        } catch (EOFException e) {
            end(How.FIN, true, e.getMessage());
        } catch (SocketException e) {
            end(closed ? How.LOCAL : How.RESET, false, e.getMessage());
        } catch (IOException | RuntimeException e) {
            end(
                    closed ? How.LOCAL : e instanceof UncheckedIOException ? How.RESET : How.UNREADABLE,
                    false,
                    e.toString());
        }
    }

    private @Nullable Frame next() throws IOException {
        return FrameCodec.read(intake, retainUpTo);
    }

    private void end(How how, boolean insideFrame, @Nullable String detail) {
        note(() -> {
            Frame close = null;
            for (Frame frame : frames) {
                close = frame.opcode() == Frame.CLOSE ? frame : close;
            }
            ending = new Ending(how, close, insideFrame, detail == null ? "" : detail);
        });
    }

    /** Something to do to a socket that may be dead already. */
    private interface Act {
        void run() throws IOException;
    }

    private static void quietly(Act act) {
        try {
            act.run();
        } catch (IOException e) {
            // the connection is gone, which is as good
        }
    }

    @Override
    public String toString() {
        synchronized (monitor) {
            int from = Math.max(0, frames.size() - SHOWN);
            return name
                    + " ["
                    + bytesReceived()
                    + " bytes, "
                    + frames.size()
                    + " frames received"
                    + (frames.isEmpty() ? "" : (from > 0 ? ", the last: " : ": ") + frames.subList(from, frames.size()))
                    + ", "
                    + (ending == null ? "still open" : "ended: " + ending)
                    + "]";
        }
    }
}
