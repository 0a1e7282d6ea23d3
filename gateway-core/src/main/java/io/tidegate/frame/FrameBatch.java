package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Frames that were read together, as they are on the wire. With {@link Granularity#FRAMES} all of them are whole, except that
 * a batch may start or end inside a frame too large to be kept together ({@link FrameAssembler#WHOLE_FRAME_BYTES}). With
 * {@link Granularity#MESSAGES} they are whole messages, each with all its frames in a row, and control frames.
 *
 * <p><b>Ownership:</b> whoever holds the batch owns its buffer and passes it on or calls {@link #release()}, once.
 */
public final class FrameBatch {

    private final ByteBuf bytes;
    private final int frames;
    private final int messages;
    private final int controls;
    private final long payloadBytes;
    private final boolean endsInsideFrame;
    private final boolean endsInsideMessage;
    private final @Nullable CloseStatus close;
    /** Length of the Close frame, if there is one. */
    private final int closeLength;

    FrameBatch(
            ByteBuf bytes,
            int frames,
            int messages,
            int controls,
            long payloadBytes,
            boolean endsInsideFrame,
            boolean endsInsideMessage,
            @Nullable CloseStatus close,
            int closeLength) {
        this.bytes = bytes;
        this.frames = frames;
        this.messages = messages;
        this.controls = controls;
        this.payloadBytes = payloadBytes;
        this.endsInsideFrame = endsInsideFrame;
        this.endsInsideMessage = endsInsideMessage;
        this.close = close;
        this.closeLength = closeLength;
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

    /** How many control frames are in this batch, Close included. */
    public int controls() {
        return controls;
    }

    /** Payload, in bytes, of the data frames that end in this batch. */
    public long payloadBytes() {
        return payloadBytes;
    }

    /** Whether the rest of the last frame comes in a later batch: until then no other frame may be sent. */
    public boolean endsInsideFrame() {
        return endsInsideFrame;
    }

    /** Whether the rest of the last message comes in later batches. */
    public boolean endsInsideMessage() {
        return endsInsideMessage;
    }

    /** What the last frame says if it is a Close frame, else {@code null}. */
    public @Nullable CloseStatus close() {
        return close;
    }

    /**
     * The same batch less its last frame, the Close.
     *
     * @return takes the place of this batch, and its buffer, which may have no bytes left; this one itself if it has no Close
     */
    public FrameBatch withoutClose() {
        if (close == null) {
            return this;
        }
        bytes.writerIndex(bytes.writerIndex() - closeLength);
        return new FrameBatch(
                bytes, frames - 1, messages, controls - 1, payloadBytes, false, endsInsideMessage, null, 0);
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
