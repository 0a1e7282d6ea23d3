package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Walks over the messages and control frames of a {@linkplain Granularity#MESSAGES batch of whole messages}, in place.
 *
 * <pre>{@code
 * walker.open(batch.bytes(), Sender.CLIENT);
 * while (walker.next()) {
 *     if (walker.isText()) {
 *         walker.copyPayload(scratch.clear());
 *     }
 * }
 * }</pre>
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> the buffer stays the caller's, with its indexes where they are, and is
 * kept until {@link #next()} has returned false. <b>State:</b> reusable; no allocation per message or frame.
 */
public final class FrameWalker {

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int CONTROL = 0x08;
    private static final int TEXT = 0x1;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;

    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private boolean masked;
    private int end;

    private int from;
    private int to;
    private int firstByte;
    private int payloadBytes;

    /** Payload of the frame read last, as indexes. */
    private int payloadFrom;

    private int payloadTo;

    /**
     * Begins with the readable bytes of a batch.
     *
     * @param sender who sent them
     */
    public void open(ByteBuf batch, Sender sender) {
        bytes = batch;
        masked = sender == Sender.CLIENT;
        end = batch.writerIndex();
        from = batch.readerIndex();
        to = from;
    }

    /**
     * Goes to the next message or control frame.
     *
     * @return false if there is none
     * @throws IllegalStateException if the bytes end inside of one
     */
    public boolean next() {
        if (to == end) {
            bytes = Unpooled.EMPTY_BUFFER;
            return false;
        }
        from = to;
        firstByte = frame(from);
        payloadBytes = payloadTo - payloadFrom;
        int last = firstByte;
        while ((last & FIN) == 0) {
            last = frame(payloadTo);
            payloadBytes += payloadTo - payloadFrom;
        }
        to = payloadTo;
        return true;
    }

    /** Whether it is a Close, a Ping or a Pong. */
    public boolean isControl() {
        return (firstByte & CONTROL) != 0;
    }

    /** The opcode of the control frame, or of the message's first frame (RFC 6455, section 11.8). */
    public int opcode() {
        return firstByte & 0x0f;
    }

    /** Whether it is a text message. */
    public boolean isText() {
        return opcode() == TEXT;
    }

    /** Whether it is a Close (RFC 6455, section 5.5.1). */
    public boolean isClose() {
        return opcode() == CLOSE;
    }

    /** Whether it is a Ping (RFC 6455, section 5.5.2). */
    public boolean isPing() {
        return opcode() == PING;
    }

    /** Whether it is a Pong (RFC 6455, section 5.5.3). */
    public boolean isPong() {
        return opcode() == PONG;
    }

    /** Whether the message's payload is compressed, as RSV1 says (RFC 7692, section 6). */
    public boolean isCompressed() {
        return (firstByte & RSV1) != 0;
    }

    /** Index of the buffer at which the first frame begins. */
    public int from() {
        return from;
    }

    /** Index of the buffer behind the last frame. */
    public int to() {
        return to;
    }

    /** Payload of all its frames, in bytes, as on the wire (before any inflation). */
    public int payloadBytes() {
        return payloadBytes;
    }

    /**
     * Writes the payload of all its frames, unmasked, one behind the other.
     *
     * @param target what is written to, at its writer index; made larger as needed; fastest if it has an array
     * @return how many bytes were written
     */
    public int copyPayload(ByteBuf target) {
        int begin = target.writerIndex();
        target.ensureWritable(payloadBytes);
        for (int at = from; at < to; at = payloadTo) {
            frame(at);
            int length = payloadTo - payloadFrom;
            int written = target.writerIndex();
            target.writeBytes(bytes, payloadFrom, length);
            if (masked) {
                DataFrames.mask(target, written, length, bytes.getInt(payloadFrom - 4));
            }
        }
        return target.writerIndex() - begin;
    }

    /** Reads the header of the frame at {@code at}; returns its first byte. */
    private int frame(int at) {
        if (end - at >= 2) {
            int length = bytes.getByte(at + 1) & 0x7f;
            int header = length < 126 ? 2 : length == 126 ? 4 : 10;
            int start = at + header + (masked ? 4 : 0);
            if (start <= end) {
                long declared =
                        header == 2 ? length : header == 4 ? bytes.getUnsignedShort(at + 2) : bytes.getLong(at + 2);
                if (declared >= 0 && declared <= end - start) {
                    payloadFrom = start;
                    payloadTo = start + (int) declared;
                    return bytes.getByte(at);
                }
            }
        }
        throw new IllegalStateException("bytes end inside a frame or message that begins at " + at + " or before, "
                + (end - at) + " bytes before their end (expected: whole messages)");
    }
}
