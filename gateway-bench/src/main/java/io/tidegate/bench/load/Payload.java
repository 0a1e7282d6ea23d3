package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;

/**
 * What messages say, and how an echo is told from a damaged one.
 *
 * <p><b>Threads:</b> immutable, shared by all loops.
 */
interface Payload {

    /** What {@link #read} returns for a message that bears no id or was damaged. */
    long UNREADABLE = 0;

    /** Bytes of every message. */
    int length();

    /**
     * Writes a message.
     *
     * @param into where to, from index 0; at least {@link #length} bytes
     * @param id the message's number
     */
    void fill(byte[] into, long id);

    /**
     * Reads an echo or reply, comparing all of it that is known.
     *
     * @param from where it is; untouched
     * @param index its first byte
     * @param length its bytes
     * @return the id, the negated id when the reply reports an error, or {@link #UNREADABLE}
     */
    long read(ByteBuf from, int index, int length);

    /** The payload for the given traffic. */
    static Payload of(Traffic traffic) {
        return traffic.jsonRpc() ? new JsonRpcPayload(traffic.size()) : new SequencePayload(traffic.size());
    }
}
