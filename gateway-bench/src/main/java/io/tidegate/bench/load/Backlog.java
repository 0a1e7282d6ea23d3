package io.tidegate.bench.load;

/**
 * Due times of messages that wait for their connection, oldest first: a ring of longs that grows, and takes no memory
 * before its first use.
 */
final class Backlog {

    private long[] ring = new long[0];
    private int first;
    private int size;

    /** Adds the newest. */
    void add(long dueNanos) {
        if (size == ring.length) {
            long[] wider = new long[Math.max(8, size * 2)];
            for (int i = 0; i < size; i++) {
                wider[i] = ring[(first + i) & (ring.length - 1)];
            }
            ring = wider;
            first = 0;
        }
        ring[(first + size) & (ring.length - 1)] = dueNanos;
        size++;
    }

    /** Takes the oldest; there must be one. */
    long take() {
        long dueNanos = ring[first];
        first = (first + 1) & (ring.length - 1);
        size--;
        return dueNanos;
    }

    /** How many wait. */
    int size() {
        return size;
    }

    /** Whether none waits. */
    boolean isEmpty() {
        return size == 0;
    }
}
