package io.tidegate.bench.load;

/**
 * The number of a message: unique in a run, and always of 16 decimal digits.
 *
 * <p>It holds the connection (20 bits) and the message's sequence number on it (32 bits) above a base of 10^15, and so
 * stays below 2^53: every JSON implementation keeps it exact.
 */
final class MessageId {

    /** Digits of every id. */
    static final int DIGITS = 16;

    /** Connections that can be told apart. */
    static final int CONNECTIONS = 1 << 20;

    private static final long BASE = 1_000_000_000_000_000L;

    private MessageId() {}

    /** The id of message {@code sequence} of connection {@code connection}. */
    static long of(int connection, long sequence) {
        return BASE + ((long) connection << 32) + (sequence & 0xFFFF_FFFFL);
    }

    /** Whether a number can be an id at all. */
    static boolean valid(long id) {
        return id >= BASE && id - BASE < (long) CONNECTIONS << 32;
    }

    /** The connection of an id. */
    static int connection(long id) {
        return (int) ((id - BASE) >>> 32);
    }

    /** The sequence number of an id, from 0. */
    static long sequence(long id) {
        return (id - BASE) & 0xFFFF_FFFFL;
    }
}
