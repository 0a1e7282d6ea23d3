package io.tidegate.bench.load;

import java.util.Arrays;

/**
 * The messages of one connection whose echo has not arrived, with the time each was due.
 *
 * <p>A ring indexed by sequence number: adding and settling cost O(1) and make no garbage. It grows up to
 * {@link #SPAN} messages between the oldest missing and the newest; beyond that the oldest is given up as lost, and
 * would count as a duplicate if it came after all. Memory: 8 bytes a message, none before the first.
 *
 * <p><b>Threads:</b> one.
 */
final class Outstanding {

    /** How many messages may lie between the oldest missing one and the newest. */
    static final int SPAN = 1 << 20;

    /** What an arriving echo turns out to be. */
    enum Arrival {
        /** Its message was missing, and no later one has arrived. */
        IN_ORDER,
        /** Its message was missing, but a later one arrived before it. */
        REORDERED,
        /** Its message has been settled before. */
        DUPLICATE,
        /** No such message was sent. */
        UNKNOWN
    }

    private static final long SETTLED = Long.MIN_VALUE;

    private long[] ring = new long[0];
    private long first;
    private long next;
    private long highest = -1;
    private long settledDue;
    private int missing;

    /**
     * Adds the next message.
     *
     * @param dueNanos when it was due
     * @return whether an older message had to be given up for it
     */
    boolean add(long dueNanos) {
        boolean givenUp = next - first == SPAN;
        if (givenUp) {
            missing--;
            first++;
            forward();
        }
        if (next - first == ring.length) {
            grow();
        }
        ring[slot(next++)] = dueNanos;
        missing++;
        return givenUp;
    }

    /** The sequence number of the next message. */
    long next() {
        return next;
    }

    /** Settles a message by its echo. */
    Arrival arrive(long sequence) {
        if (sequence >= next) {
            return Arrival.UNKNOWN;
        }
        if (sequence < first || ring[slot(sequence)] == SETTLED) {
            return Arrival.DUPLICATE;
        }
        settledDue = ring[slot(sequence)];
        ring[slot(sequence)] = SETTLED;
        missing--;
        forward();
        if (sequence < highest) {
            return Arrival.REORDERED;
        }
        highest = sequence;
        return Arrival.IN_ORDER;
    }

    /** When the message was due that {@link #arrive} last found missing. */
    long settledDueNanos() {
        return settledDue;
    }

    /** How many messages are missing. */
    int missing() {
        return missing;
    }

    private void forward() {
        while (first < next && ring[slot(first)] == SETTLED) {
            first++;
        }
    }

    private void grow() {
        long[] wider = new long[Math.max(8, ring.length * 2)];
        Arrays.fill(wider, SETTLED);
        for (long sequence = first; sequence < next; sequence++) {
            wider[(int) sequence & (wider.length - 1)] = ring[slot(sequence)];
        }
        ring = wider;
    }

    private int slot(long sequence) {
        return (int) sequence & (ring.length - 1);
    }
}
