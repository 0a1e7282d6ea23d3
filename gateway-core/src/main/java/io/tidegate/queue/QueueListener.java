package io.tidegate.queue;

/**
 * Hears of what goes into a queue and what leaves it.
 *
 * <p><b>Threads:</b> called synchronously by whoever drives the queue, never by two at once for one queue; must not block.
 * It may call the queue. What it throws is logged and changes nothing.
 */
public interface QueueListener {

    /** Hears nothing. */
    QueueListener NONE = new QueueListener() {};

    /**
     * A message became the queue's business, be it only to be dropped at once; all but those that {@linkplain #onPassed pass}.
     *
     * @param bytes its size
     */
    default void onAccepted(long bytes) {}

    /**
     * Messages went straight through, without waiting: accepted and delivered. They are told of here only.
     *
     * @param count how many; &gt; 0
     * @param bytes their size, together
     */
    default void onPassed(int count, long bytes) {}

    /**
     * A message left; each one that {@link #onAccepted} told of does, once.
     *
     * @param why the reason
     * @param bytes its size
     * @param waitedNanos time from its offer until it was taken for the last time, if it leaves as taken; until now, if not
     * @param attempts how many times it was taken
     */
    default void onLeft(Departure why, long bytes, long waitedNanos, int attempts) {}
}
