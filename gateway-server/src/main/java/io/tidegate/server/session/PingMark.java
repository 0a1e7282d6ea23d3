package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What tells the gateway's own pings on one leg from all others: a payload of 8 bytes that are this leg's alone, and a number. A
 * Pong has the payload of its Ping (RFC 6455, section 5.5.3).
 */
final class PingMark {

    private static final int BYTES = 2 * Long.BYTES;

    private final long nonce = ThreadLocalRandom.current().nextLong();

    /** The payload of the Ping with that number. */
    byte[] of(long number) {
        return ByteBuffer.allocate(BYTES).putLong(nonce).putLong(number).array();
    }

    /** Whether a payload is that of one of these pings. */
    boolean isIn(ByteBuf bytes, int payload, int length) {
        return length == BYTES && bytes.getLong(payload) == nonce;
    }

    /** The number in such a payload. */
    long numberIn(ByteBuf bytes, int payload) {
        return bytes.getLong(payload + Long.BYTES);
    }
}
