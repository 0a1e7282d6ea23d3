package io.tidegate.retry;

import org.jspecify.annotations.Nullable;

/**
 * Hears what retrying decides, for metrics and logs.
 *
 * <p><b>Threads:</b> called synchronously, on the thread of the error or of the timer; calls for different subscriptions
 * come at the same time. Must not block. What it throws is logged and changes nothing.
 */
public interface RetryListener {

    /** Hears nothing. */
    RetryListener NONE = new RetryListener() {};

    /**
     * An attempt failed, and there will be another.
     *
     * @param attempt the one that failed; 1 is the first
     * @param delayNanos how long until the next one, unless the gate holds it back
     * @param cause what it failed with
     */
    default void onRetry(int attempt, long delayNanos, Throwable cause) {}

    /**
     * The gate is shut, or refused an attempt; it is asked again later.
     *
     * @param attempts attempts made so far; may be 0
     * @param delayNanos how long until then
     */
    default void onHeldBack(int attempts, long delayNanos) {}

    /**
     * There will be no further attempt; at most once for each subscription. A completion in the very moment of the deadline
     * may still reach the subscriber.
     *
     * @param reason why
     * @param attempts attempts made, one under way at the deadline included
     * @param cause what the last one failed with; {@code null} if none had failed when the deadline came
     */
    default void onGaveUp(GiveUpReason reason, int attempts, @Nullable Throwable cause) {}
}
