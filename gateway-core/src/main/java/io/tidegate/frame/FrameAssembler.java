package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of buffers into {@linkplain FrameBatch batches of whole frames}, without copying where it can be helped.
 *
 * <p>A frame of up to {@link #WHOLE_FRAME_BYTES} is kept until it is whole, so that between two batches another frame
 * (a Close, a Ping) may be sent, and a sender that dies half-way leaves no torn frame behind. Larger ones are streamed:
 * their bytes go out as they come in.
 *
 * <p><b>Ownership:</b> {@link #append} takes its buffer, {@link #take} hands one out, {@link #release} gives up the rest.
 * What is kept is bounded by one frame of {@link #WHOLE_FRAME_BYTES} and what was appended since the last {@link #take}.
 * <b>Threads:</b> one at a time. <b>State:</b> one instance per connection and direction.
 */
public final class FrameAssembler {

    /** The largest frame, header included, that is kept until it is whole: 32 KiB. */
    public static final int WHOLE_FRAME_BYTES = 32 * 1024;

    private static final int MAX_COMPONENTS = 16;

    private final FrameScanner scanner;
    private final ByteBufAllocator allocator;

    /** Whole frames, and the begun part of a frame that is streamed. */
    private @Nullable ByteBuf ready;
    /** The begun part of a frame that goes out whole. */
    private @Nullable ByteBuf begun;
    /** Bytes of a header or control frame that wasn't all there, not scanned yet. */
    private @Nullable ByteBuf unscanned;

    public FrameAssembler(FrameScanner scanner, ByteBufAllocator allocator) {
        this.scanner = scanner;
        this.allocator = allocator;
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
        boolean endsInside = begun == null && scanner.openFrameLength() > 0;
        FrameBatch batch = new FrameBatch(
                bytes, scanner.frames(), scanner.messages(), scanner.payloadBytes(), endsInside, scanner.close());
        scanner.resetCounts();
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

    /** What broke the rules, once something did; the frames before it can still be taken. */
    public @Nullable ProtocolViolation violation() {
        return scanner.violation();
    }

    /** Releases whatever is kept. */
    public void release() {
        ready = released(ready);
        begun = released(begun);
        unscanned = released(unscanned);
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
        if (first == null) {
            return second;
        }
        if (first instanceof CompositeByteBuf composite) {
            return composite.addFlattenedComponents(true, second);
        }
        return allocator
                .compositeBuffer(MAX_COMPONENTS)
                .addComponent(true, first)
                .addFlattenedComponents(true, second);
    }

    private static @Nullable ByteBuf released(@Nullable ByteBuf buffer) {
        if (buffer != null) {
            buffer.release();
        }
        return null;
    }
}
