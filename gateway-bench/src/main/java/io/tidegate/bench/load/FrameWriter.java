package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes masked client frames (RFC 6455 section 5.2), each message as one frame with a fresh masking key.
 *
 * <p><b>Threads:</b> one; it owns the array in which payloads are made and masked. <b>Ownership:</b> the buffers it
 * returns are the caller's.
 */
final class FrameWriter {

    /** Opcode of a text frame. */
    static final int TEXT = 0x1;

    /** Opcode of a binary frame. */
    static final int BINARY = 0x2;

    /** Opcode of a Close frame. */
    static final int CLOSE = 0x8;

    /** Opcode of a Ping frame. */
    static final int PING = 0x9;

    /** Opcode of a Pong frame. */
    static final int PONG = 0xA;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int LONGEST_HEADER = 14;

    private final Payload payload;
    private final int opcode;
    private final byte[] work;

    /**
     * Makes a writer.
     *
     * @param payload what messages say
     * @param opcode {@link #TEXT} or {@link #BINARY}
     */
    FrameWriter(Payload payload, int opcode) {
        this.payload = payload;
        this.opcode = opcode;
        this.work = new byte[Math.max(payload.length(), 125) + Long.BYTES];
    }

    /** A frame with message {@code id}. */
    ByteBuf message(ByteBufAllocator allocator, long id) {
        payload.fill(work, id);
        return frame(allocator, opcode, payload.length());
    }

    /**
     * A control frame.
     *
     * @param from its payload, of at most 125 bytes
     */
    ByteBuf control(ByteBufAllocator allocator, int opcode, ByteBuf from, int index, int length) {
        from.getBytes(index, work, 0, length);
        return frame(allocator, opcode, length);
    }

    /** A Close frame with a status code and no reason. */
    ByteBuf close(ByteBufAllocator allocator, int code) {
        work[0] = (byte) (code >>> 8);
        work[1] = (byte) code;
        return frame(allocator, CLOSE, 2);
    }

    private ByteBuf frame(ByteBufAllocator allocator, int opcode, int length) {
        int key = ThreadLocalRandom.current().nextInt();
        ByteBuf frame = allocator.ioBuffer(LONGEST_HEADER + length);
        frame.writeByte(FIN | opcode);
        if (length < 126) {
            frame.writeByte(MASKED | length);
        } else if (length < 1 << 16) {
            frame.writeByte(MASKED | 126).writeShort(length);
        } else {
            frame.writeByte(MASKED | 127).writeLong(length);
        }
        mask(key, length);
        return frame.writeInt(key).writeBytes(work, 0, length);
    }

    /** Masks eight bytes at a time; what it masks beyond the payload is never sent. */
    private void mask(int key, int length) {
        long twice = ((long) key << 32) | (key & 0xFFFF_FFFFL);
        for (int i = 0; i < length; i += Long.BYTES) {
            LONG.set(work, i, (long) LONG.get(work, i) ^ twice);
        }
    }
}
