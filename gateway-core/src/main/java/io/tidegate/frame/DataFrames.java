package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/** Writes the messages that a gateway sends on its own account (RFC 6455, section 5.6), each in one frame. */
public final class DataFrames {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int FINAL_TEXT = 0x81;
    private static final int MASKED = 0x80;
    private static final int LONGEST_HEADER = 14;

    private DataFrames() {}

    /**
     * A text message.
     *
     * @param sender who is to send it: a client's frames are masked, with a fresh random key
     * @param utf8 its readable bytes are the text; stays the caller's, with its indexes where they are
     * @return owned by the caller
     */
    public static ByteBuf text(ByteBufAllocator allocator, Sender sender, ByteBuf utf8) {
        return frame(allocator, sender, FINAL_TEXT, utf8);
    }

    /** As {@link #text(ByteBufAllocator, Sender, ByteBuf)}. */
    public static ByteBuf text(ByteBufAllocator allocator, Sender sender, byte[] utf8) {
        return text(allocator, sender, Unpooled.wrappedBuffer(utf8));
    }

    /** A frame with the readable bytes of {@code payload}, which stays the caller's. */
    static ByteBuf frame(ByteBufAllocator allocator, Sender sender, int firstByte, ByteBuf payload) {
        int length = payload.readableBytes();
        boolean masked = sender == Sender.CLIENT;
        int maskBit = masked ? MASKED : 0;
        ByteBuf frame = allocator.buffer(LONGEST_HEADER + length).writeByte(firstByte);
        if (length < 126) {
            frame.writeByte(maskBit | length);
        } else if (length < 65_536) {
            frame.writeByte(maskBit | 126).writeShort(length);
        } else {
            frame.writeByte(maskBit | 127).writeLong(length);
        }
        int key = 0;
        if (masked) {
            key = ThreadLocalRandom.current().nextInt();
            frame.writeInt(key);
        }
        int from = frame.writerIndex();
        frame.writeBytes(payload, payload.readerIndex(), length);
        if (masked) {
            mask(frame, from, length, key);
        }
        return frame;
    }

    /** Masks or unmasks payload that begins at {@code from} (RFC 6455, section 5.3), in place. */
    static void mask(ByteBuf bytes, int from, int length, int key) {
        long twice = (long) key << 32 | (key & 0xffffffffL);
        int at = from;
        int end = from + length;
        if (bytes.hasArray()) {
            byte[] array = bytes.array();
            int offset = bytes.arrayOffset();
            for (; at <= end - Long.BYTES; at += Long.BYTES) {
                LONGS.set(array, offset + at, (long) LONGS.get(array, offset + at) ^ twice);
            }
        } else {
            for (; at <= end - Long.BYTES; at += Long.BYTES) {
                bytes.setLong(at, bytes.getLong(at) ^ twice);
            }
        }
        for (; at < end; at++) {
            bytes.setByte(at, bytes.getByte(at) ^ (int) (twice >>> (56 - 8 * ((at - from) & 7))));
        }
    }
}
