package io.tidegate.queue;

import java.time.Duration;

/**
 * The bounds of a queue. Messages that are taken and not confirmed count as well as those that wait.
 *
 * @param maxMessages how many messages it holds at most; &gt; 0
 * @param maxBytes how many bytes it holds at most; &gt; 0
 * @param ttl how long a message may wait, counted from its offer, requeued or not; zero for as long as it takes; at most
 *     100 years
 * @param overflow what happens to a message for which there is no room
 */
public record QueueConfig(int maxMessages, long maxBytes, Duration ttl, Overflow overflow) {

    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** 1000 messages, 1 MiB, 5 minutes; the source is held back. */
    public static final QueueConfig DEFAULTS = new QueueConfig(1000, 1 << 20, Duration.ofMinutes(5), Overflow.PAUSE);

    /** Checks the bounds. */
    public QueueConfig {
        if (maxMessages <= 0) {
            throw new IllegalArgumentException("maxMessages: " + maxMessages + " (expected: > 0)");
        }
        if (maxBytes <= 0) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: > 0)");
        }
        if (ttl.isNegative() || ttl.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("ttl: " + ttl + " (expected: 0 to " + LONGEST + ')');
        }
    }
}
