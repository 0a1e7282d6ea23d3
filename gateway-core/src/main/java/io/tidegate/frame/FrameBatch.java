package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that were read together, as they are on the wire. All of them are whole, except that a batch may start or end
 * inside a frame too large to be kept together ({@link FrameAssembler#WHOLE_FRAME_BYTES}).
 *
 * <p><b>Ownership:</b> whoever holds the batch owns its buffer and passes it on or calls {@link #release()}, once.
 */
public final class FrameBatch {

    private final ByteBuf bytes;
    private final int frames;
    private final int messages;
    private final long payloadBytes;
    private final boolean endsInsideFrame;
    private final @Nullable CloseStatus close;

    FrameBatch(
            ByteBuf bytes,
            int frames,
            int messages,
            long payloadBytes,
            boolean endsInsideFrame,
            @Nullable CloseStatus close) {
        this.bytes = bytes;
        this.frames = frames;
        this.messages = messages;
        this.payloadBytes = payloadBytes;
        this.endsInsideFrame = endsInsideFrame;
        this.close = close;
    }

    /** The frames, headers included; still owned by this batch. */
    public ByteBuf bytes() {
        return bytes;
    }

    /** How many frames end in this batch, control frames included. */
    public int frames() {
        return frames;
    }

    /** How many messages end in this batch. */
    public int messages() {
        return messages;
    }

    /** Payload, in bytes, of the data frames that end in this batch. */
    public long payloadBytes() {
        return payloadBytes;
    }

    /** Whether the rest of the last frame comes in a later batch: until then no other frame may be sent. */
    public boolean endsInsideFrame() {
        return endsInsideFrame;
    }

    /** What the last frame says if it is a Close frame, else {@code null}. */
    public @Nullable CloseStatus close() {
        return close;
    }

    /** Gives the buffer back; the batch is of no use afterwards. */
    public void release() {
        bytes.release();
    }

    @Override
    public String toString() {
        return "FrameBatch{frames=" + frames + ", messages=" + messages + ", bytes=" + bytes.readableBytes()
                + (close == null ? "" : ", close=" + close) + '}';
    }
}
