package io.tidegate.server.message;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates messages that were compressed by permessage-deflate without context takeover (RFC 7692, section 7.2.2), one at a
 * time, each by itself.
 *
 * <p>A few bytes can inflate to a thousand times as many, so the caller says how many it takes: no more are made, whatever
 * the message would still hold.
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> of neither buffer; {@link #close} frees the native memory of zlib (some
 * 40 KiB) that this keeps from message to message.
 */
public final class MessageInflater implements AutoCloseable {

    /** What became of a message. */
    public enum Outcome {
        /** All of it is in the target. */
        INFLATED,
        /** It is larger than the limit; a session ends with 1009. */
        TOO_BIG,
        /** It is not what a deflater makes, or only a part of it; a session ends with 1007. */
        BROKEN
    }

    private static final int SMALLEST_CHUNK = 256;
    private static final int LARGEST_CHUNK = 64 * 1024;

    /**
     * The end of a message that its sender left out, 00 00 FF FF, and an empty final block: only if the inflater comes to the
     * end of that one was the message whole.
     */
    private static final byte[] TAIL = {0, 0, -1, -1, 1, 0, 0, -1, -1};

    private final Inflater inflater = new Inflater(true);
    private final byte[] probe = new byte[1];

    /**
     * Appends the inflated message to {@code target}.
     *
     * @param payload of the whole message, unmasked; its indices stay as they are
     * @param target written to from its writer index on, also where the outcome is not {@link Outcome#INFLATED}: never more
     *     than {@code limit} bytes
     * @param limit bytes that the message may have when inflated; &gt; 0
     */
    public Outcome inflate(ByteBuf payload, ByteBuf target, long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: > 0)");
        }
        int start = target.writerIndex();
        int most = start + (int) Math.min(limit, Integer.MAX_VALUE - start);
        inflater.reset();
        try {
            for (ByteBuffer part : payload.nioBuffers()) {
                if (!inflate(part, target, most)) {
                    return Outcome.TOO_BIG;
                }
            }
            // A sender may end a message by a final block and nothing behind it, though it should not.
            if (inflater.finished()) {
                return Outcome.INFLATED;
            }
            if (!inflate(ByteBuffer.wrap(TAIL), target, most)) {
                return Outcome.TOO_BIG;
            }
            return inflater.finished() ? Outcome.INFLATED : Outcome.BROKEN;
        } catch (DataFormatException e) {
            return Outcome.BROKEN;
        }
    }

    /** Frees zlib's memory; this is of no use any more. */
    @Override
    public void close() {
        inflater.end();
    }

    /** Inflates all of {@code part}; {@code false} when the target may not take that much. */
    private boolean inflate(ByteBuffer part, ByteBuf target, int most) throws DataFormatException {
        if (!part.hasRemaining()) {
            return true;
        }
        if (inflater.finished()) {
            inflater.reset();
        }
        inflater.setInput(part);
        while (true) {
            int made = inflateSome(target, most);
            if (made < 0) {
                return false;
            }
            if (inflater.finished()) {
                if (!part.hasRemaining()) {
                    return true;
                }
                // Final blocks are allowed within a message (section 7.2.3.4); more follows this one.
                inflater.reset();
                inflater.setInput(part);
            } else if (made == 0 && inflater.needsInput()) {
                return true;
            }
        }
    }

    /** Inflates into what the target has room for; how many bytes, or -1 when there are more than it may take. */
    private int inflateSome(ByteBuf target, int most) throws DataFormatException {
        int at = target.writerIndex();
        if (at == most) {
            return inflater.inflate(probe) > 0 ? -1 : 0;
        }
        int chunk = Math.min(most - at, Math.max(SMALLEST_CHUNK, Math.min(target.writableBytes(), LARGEST_CHUNK)));
        target.ensureWritable(chunk);
        ByteBuffer room = target.internalNioBuffer(at, chunk);
        int made = inflater.inflate(room);
        target.writerIndex(at + made);
        return made;
    }
}
