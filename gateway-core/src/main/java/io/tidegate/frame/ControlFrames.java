package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/** Writes the control frames that a gateway sends on its own account (RFC 6455, section 5.5). */
public final class ControlFrames {

    /** Room for the reason in a Close frame: 125 bytes of payload less the code. */
    private static final int MAX_REASON_BYTES = 123;

    private static final int FINAL_CLOSE = 0x88;

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
        byte[] payload = payload(status);
        boolean masked = sender == Sender.CLIENT;
        ByteBuf frame = allocator.buffer(6 + payload.length);
        frame.writeByte(FINAL_CLOSE).writeByte((masked ? 0x80 : 0) | payload.length);
        if (masked) {
            int key = ThreadLocalRandom.current().nextInt();
            frame.writeInt(key);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
            }
        }
        return frame.writeBytes(payload);
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
