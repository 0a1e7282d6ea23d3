package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of buffers into {@linkplain FrameBatch batches} of whole frames or whole messages, without copying where it
 * can be helped.
 *
 * <p>{@link Granularity#FRAMES}: a frame of up to {@link #WHOLE_FRAME_BYTES} is kept until it is whole, so that between two
 * batches another frame (a Close, a Ping) may be sent, and a sender that dies half-way leaves no torn frame behind. Larger
 * ones are streamed: their bytes go out as they come in.
 *
 * <p>{@link Granularity#MESSAGES}: a message is kept until it is whole, whatever its frames. A control frame between its
 * fragments goes out at once, ahead of it (RFC 6455, section 5.4, lets one come anywhere), so that a Ping is answered in time
 * however slow the message. A Close there ends the stream: the begun message never became one, and is dropped.
 *
 * <p><b>Ownership:</b> {@link #append} takes its buffer, {@link #take} hands one out, {@link #release} gives up the rest.
 * What is kept is bounded by what was appended since the last {@link #take} and twice one frame of {@link #WHOLE_FRAME_BYTES},
 * or twice one message: {@link FrameLimits#messageBytes()} of payload, and as much for the headers of its frames, but at
 * least 64 KiB; a message with more of them is {@linkplain CloseStatus#TOO_BIG too big}.
 * <b>Threads:</b> one at a time. <b>State:</b> one instance per connection and direction.
 */
public final class FrameAssembler {

    /** The largest frame, header included, that is kept until it is whole where messages need not be: 32 KiB. */
    public static final int WHOLE_FRAME_BYTES = 32 * 1024;

    private static final int MAX_COMPONENTS = 16;
    /** As many as one call of the system can write. Messages may be large: to copy them every 16 pieces would cost too much. */
    private static final int MAX_MESSAGE_COMPONENTS = 1024;

    private static final int LEAST_OVERHEAD_BYTES = 64 * 1024;

    private final FrameScanner scanner;
    private final ByteBufAllocator allocator;
    private final int maxComponents;

    /** The message that was begun; {@code null} where they need not be whole. */
    private final @Nullable BegunMessage message;

    /** Whole frames, and the begun part of a frame that is streamed. */
    private @Nullable ByteBuf ready;
    /** The begun part of a frame that goes out whole. */
    private @Nullable ByteBuf begun;
    /** Bytes of a header or control frame that wasn't all there, not scanned yet. */
    private @Nullable ByteBuf unscanned;

    /**
     * Makes one for a connection after its handshake.
     *
     * @param scanner not used by anybody else; for {@link Granularity#MESSAGES} with a limit of messages
     * @param granularity what batches are to consist of
     */
    public FrameAssembler(FrameScanner scanner, ByteBufAllocator allocator, Granularity granularity) {
        this.scanner = scanner;
        this.allocator = allocator;
        if (granularity == Granularity.MESSAGES) {
            if (scanner.limits().messageBytes() == 0) {
                throw new IllegalArgumentException("messageBytes: 0 (expected: > 0 where messages are kept whole)");
            }
            maxComponents = MAX_MESSAGE_COMPONENTS;
            message = new BegunMessage(allocator, maxComponents);
        } else {
            maxComponents = MAX_COMPONENTS;
            message = null;
        }
    }

    /**
     * Adds what was read from the connection. After a Close frame or a violation it is dropped.
     *
     * @param in released by this class in the end
     */
    public void append(ByteBuf in) {
        if (isOver() || !in.isReadable()) {
            in.release();
            return;
        }
        ByteBuf bytes = withUnscanned(in);
        if (message == null) {
            appendFrames(bytes);
        } else {
            appendMessages(bytes, message);
        }
    }

    private void appendFrames(ByteBuf bytes) {
        int from = bytes.readerIndex();
        int to = bytes.writerIndex();
        int scanned = scanner.scan(bytes, from, to);
        int whole = scanner.boundary();
        if (whole > from) {
            complete();
        }
        if (scanned > whole && scanner.openFrameLength() > WHOLE_FRAME_BYTES) {
            complete();
            whole = scanned;
        }
        if (whole == to) {
            ready = join(ready, bytes);
            return;
        }
        if (whole > from) {
            ready = join(ready, bytes.retainedSlice(from, whole - from));
        }
        if (scanned > whole) {
            begun = join(begun, piece(bytes, whole, scanned));
        }
        if (scanned < to && !isOver()) {
            unscanned = bytes.copy(scanned, to - scanned);
        }
        bytes.release();
    }

    private void appendMessages(ByteBuf bytes, BegunMessage open) {
        int from = bytes.readerIndex();
        int to = bytes.writerIndex();
        int at = from;
        int injected;
        do {
            int scanned = scanner.scanToInjected(bytes, at, to);
            int whole = scanner.messageBoundary();
            injected = scanner.injected();
            if (whole > at && !open.isEmpty()) {
                ready = join(ready, open.take());
            }
            if (at == from && whole == to) {
                ready = join(ready, bytes);
                return;
            }
            if (whole > at) {
                ready = join(ready, bytes.retainedSlice(at, whole - at));
            }
            if (injected == FrameScanner.NONE) {
                open.add(bytes, whole, scanned);
            } else {
                open.add(bytes, whole, injected);
                ready = join(ready, bytes.retainedSlice(injected, scanned - injected));
            }
            at = scanned;
        } while (injected != FrameScanner.NONE && !isOver());
        refuseOverhead(open);
        if (isOver()) {
            open.release();
        } else if (at < to) {
            unscanned = bytes.copy(at, to - at);
        }
        bytes.release();
    }

    /** Payload is bounded by the scanner; frames without any would not be. */
    private void refuseOverhead(BegunMessage open) {
        long limit = scanner.limits().messageBytes();
        if (!isOver() && open.bytes() - limit > Math.max(limit, LEAST_OVERHEAD_BYTES)) {
            scanner.reject(new ProtocolViolation(
                    CloseStatus.TOO_BIG, "message in too many frames for its limit of " + limit + " bytes"));
        }
    }

    /**
     * Hands out what is ready.
     *
     * @return the batch, owned by the caller, or {@code null} when there is none
     */
    public @Nullable FrameBatch take() {
        ByteBuf bytes = ready;
        if (bytes == null) {
            return null;
        }
        ready = null;
        boolean endsInside = message == null && begun == null && scanner.openFrameLength() > 0;
        int frames = scanner.frames();
        long payloadBytes = scanner.payloadBytes();
        if (message != null) {
            frames -= scanner.openFrames();
            payloadBytes -= scanner.openPayloadBytes();
        }
        FrameBatch batch = new FrameBatch(
                bytes,
                frames,
                scanner.messages(),
                scanner.controls(),
                payloadBytes,
                endsInside,
                message == null && scanner.isMessageOpen(),
                scanner.close(),
                scanner.closeLength());
        if (message == null) {
            scanner.resetCounts();
        } else {
            scanner.resetCountsOfWholeMessages();
        }
        return batch;
    }

    /** Whether {@link #take} has something to hand out. */
    public boolean isReady() {
        return ready != null;
    }

    /** Whether a Close frame or a violation ended the stream. */
    public boolean isOver() {
        return scanner.close() != null || scanner.violation() != null;
    }

    /** What the Close frame said, once there was one; its frame is in the last batch. */
    public @Nullable CloseStatus close() {
        return scanner.close();
    }

    /** What broke the rules, once something did; the frames or messages before it can still be taken. */
    public @Nullable ProtocolViolation violation() {
        return scanner.violation();
    }

    /** Releases whatever is kept. */
    public void release() {
        ready = released(ready);
        begun = released(begun);
        unscanned = released(unscanned);
        if (message != null) {
            message.release();
        }
    }

    private ByteBuf withUnscanned(ByteBuf in) {
        ByteBuf head = unscanned;
        if (head == null) {
            return in;
        }
        unscanned = null;
        ByteBuf joined = allocator.buffer(head.readableBytes() + in.readableBytes());
        joined.writeBytes(head).writeBytes(in);
        head.release();
        in.release();
        return joined;
    }

    /** The frame that was begun is now whole, or turned out to be one to stream. */
    private void complete() {
        if (begun != null) {
            ready = join(ready, begun);
            begun = null;
        }
    }

    /** A part to keep: copied when it would hold on to a much larger buffer. */
    private static ByteBuf piece(ByteBuf bytes, int from, int to) {
        int length = to - from;
        return length < bytes.capacity() / 2 ? bytes.copy(from, length) : bytes.retainedSlice(from, length);
    }

    private ByteBuf join(@Nullable ByteBuf first, ByteBuf second) {
        return BegunMessage.join(allocator, maxComponents, first, second);
    }

    private static @Nullable ByteBuf released(@Nullable ByteBuf buffer) {
        if (buffer != null) {
            buffer.release();
        }
        return null;
    }
}
