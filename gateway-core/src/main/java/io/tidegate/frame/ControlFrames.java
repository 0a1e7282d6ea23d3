package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Writes the control frames that a gateway sends on its own account (RFC 6455, section 5.5). */
public final class ControlFrames {

    /** Room for the reason in a Close frame: 125 bytes of payload less the code. */
    private static final int MAX_REASON_BYTES = 123;

    private static final int MAX_PAYLOAD_BYTES = 125;

    private static final int FINAL_CLOSE = 0x88;
    private static final int FINAL_PING = 0x89;
    private static final int FINAL_PONG = 0x8a;

    private ControlFrames() {}

    /**
     * A Close frame.
     *
     * @param sender who is to send it: a client's frames are masked, with a fresh random key
     * @param status {@link CloseStatus#EMPTY} makes a frame without payload; a reason of more than 123 bytes is cut at a
     *     character
     * @return owned by the caller
     */
    public static ByteBuf close(ByteBufAllocator allocator, Sender sender, CloseStatus status) {
        return DataFrames.frame(allocator, sender, FINAL_CLOSE, Unpooled.wrappedBuffer(payload(status)));
    }

    /**
     * A Ping frame.
     *
     * @param sender who is to send it: a client's frames are masked, with a fresh random key
     * @param payload its readable bytes, at most 125; stays the caller's, with its indexes where they are
     * @return owned by the caller
     */
    public static ByteBuf ping(ByteBufAllocator allocator, Sender sender, ByteBuf payload) {
        return frame(allocator, sender, FINAL_PING, payload);
    }

    /** As {@link #ping(ByteBufAllocator, Sender, ByteBuf)}. */
    public static ByteBuf ping(ByteBufAllocator allocator, Sender sender, byte[] payload) {
        return ping(allocator, sender, Unpooled.wrappedBuffer(payload));
    }

    /**
     * A Pong frame.
     *
     * @param sender who is to send it: a client's frames are masked, with a fresh random key
     * @param payload its readable bytes, those of the Ping that it answers, at most 125; stays the caller's, with its indexes
     *     where they are
     * @return owned by the caller
     */
    public static ByteBuf pong(ByteBufAllocator allocator, Sender sender, ByteBuf payload) {
        return frame(allocator, sender, FINAL_PONG, payload);
    }

    /** As {@link #pong(ByteBufAllocator, Sender, ByteBuf)}. */
    public static ByteBuf pong(ByteBufAllocator allocator, Sender sender, byte[] payload) {
        return pong(allocator, sender, Unpooled.wrappedBuffer(payload));
    }

    private static ByteBuf frame(ByteBufAllocator allocator, Sender sender, int firstByte, ByteBuf payload) {
        int length = payload.readableBytes();
        if (length > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "payload: " + length + " bytes (expected: <= " + MAX_PAYLOAD_BYTES + ')');
        }
        return DataFrames.frame(allocator, sender, firstByte, payload);
    }

    private static byte[] payload(CloseStatus status) {
        if (status.code() == CloseStatus.NO_STATUS) {
            return new byte[0];
        }
        String reason = status.reason();
        while (ByteBufUtil.utf8Bytes(reason) > MAX_REASON_BYTES) {
            reason = reason.substring(0, reason.offsetByCodePoints(reason.length(), -1));
        }
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (status.code() >>> 8);
        payload[1] = (byte) status.code();
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }
}
