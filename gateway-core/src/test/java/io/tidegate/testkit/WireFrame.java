package io.tidegate.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.frame.Sender;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket frame for tests, written by other means than the code under test: every bit of its header can be set, right
 * or wrong.
 *
 * @param firstByte FIN, the reserved bits and the opcode
 * @param maskKey {@code null} for an unmasked frame
 * @param lengthBits in how many bits the length stands: 7, 16 or 64
 * @param payload before masking
 */
@SuppressWarnings("ArrayRecordComponent")
public record WireFrame(int firstByte, @Nullable Integer maskKey, int lengthBits, byte[] payload) {

    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;

    private static final int FIN = 0x80;
    private static final int KEY = 0x37fa213d;

    /** A final, unmasked frame with its length in the shortest encoding. */
    public static WireFrame of(int opcode, byte[] payload) {
        return new WireFrame(FIN | opcode, null, shortest(payload.length), payload);
    }

    /** As {@link #of(int, byte[])}, with {@code length} bytes that differ from their neighbours. */
    public static WireFrame of(int opcode, int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (i * 31 + (i >>> 8));
        }
        return of(opcode, payload);
    }

    public static WireFrame text(String text) {
        return of(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    public static WireFrame close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return of(
                CLOSE,
                ByteBuffer.allocate(2 + text.length)
                        .putShort((short) code)
                        .put(text)
                        .array());
    }

    /** With FIN cleared. */
    public WireFrame fragment() {
        return new WireFrame(firstByte & ~FIN, maskKey, lengthBits, payload);
    }

    /** With reserved bit 1, 2 or 3 set. */
    public WireFrame rsv(int number) {
        return new WireFrame(firstByte | 0x80 >>> number, maskKey, lengthBits, payload);
    }

    /** Masked if {@code sender} has to. */
    public WireFrame by(Sender sender) {
        return sender == Sender.CLIENT ? masked(KEY) : new WireFrame(firstByte, null, lengthBits, payload);
    }

    public WireFrame masked(int key) {
        return new WireFrame(firstByte, key, lengthBits, payload);
    }

    public WireFrame lengthIn(int bits) {
        return new WireFrame(firstByte, maskKey, bits, payload);
    }

    public int opcode() {
        return firstByte & 0x0f;
    }

    public boolean isControl() {
        return opcode() >= CLOSE;
    }

    public boolean isFinal() {
        return (firstByte & FIN) != 0;
    }

    /** The frame as it goes on the wire. */
    public byte[] bytes() {
        byte[] header = header(payload.length);
        byte[] bytes = Arrays.copyOf(header, header.length + payload.length);
        for (int i = 0; i < payload.length; i++) {
            int mask = maskKey == null ? 0 : maskKey >>> 24 - 8 * (i % 4);
            bytes[header.length + i] = (byte) (payload[i] ^ mask);
        }
        return bytes;
    }

    /** Its header alone, with a length of one's own choice. */
    public byte[] header(long length) {
        int bits = Math.max(lengthBits, length == payload.length ? 0 : shortest(length));
        int maskBit = maskKey == null ? 0 : 0x80;
        ByteBuffer header = ByteBuffer.allocate(14).put((byte) firstByte);
        switch (bits) {
            case 7 -> header.put((byte) (maskBit | (int) length));
            case 16 -> header.put((byte) (maskBit | 126)).putShort((short) length);
            default -> header.put((byte) (maskBit | 127)).putLong(length);
        }
        if (maskKey != null) {
            header.putInt(maskKey);
        }
        byte[] bytes = new byte[header.flip().remaining()];
        header.get(bytes);
        return bytes;
    }

    /** The frame as it goes on the wire, in a buffer that needs no release. */
    public ByteBuf buffer() {
        return Unpooled.wrappedBuffer(bytes());
    }

    /** Frames one behind the other. */
    public static byte[] stream(Collection<WireFrame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frames.forEach(frame -> out.writeBytes(frame.bytes()));
        return out.toByteArray();
    }

    /** Frames one behind the other. */
    public static byte[] stream(WireFrame... frames) {
        return stream(List.of(frames));
    }

    private static int shortest(long length) {
        return length < 0 || length > 0xffff ? 64 : length > 125 ? 16 : 7;
    }
}
