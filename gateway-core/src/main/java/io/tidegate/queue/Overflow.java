package io.tidegate.queue;

/** What a queue does with a message for which it has no room. */
public enum Overflow {
    /**
     * Holds the source back: nothing is dropped. There is room while both bounds are not reached yet, so that a message which
     * was read already may overshoot the byte bound, once; a message larger than the whole bound gets into an empty queue.
     * A shared {@link ByteBudget} may be overshot by one such message per queue.
     */
    PAUSE,
    /** Drops the oldest of those that wait, as many as it takes; never one that is taken. */
    DROP_OLDEST,
    /** Drops the message that comes. */
    DROP_NEWEST,
    /** Drops everything and ends with a {@link QueueOverflowException}. */
    CLOSE
}
