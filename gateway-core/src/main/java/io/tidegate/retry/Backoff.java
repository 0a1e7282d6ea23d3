package io.tidegate.retry;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;

/**
 * How long to wait before each retry: exponential backoff with full jitter.
 *
 * <p>The ceiling doubles from step to step, from {@code first} up to {@code max}; the delay is drawn evenly from zero to
 * the ceiling, both included (M. Brooker, <i>Exponential Backoff And Jitter</i>, AWS Architecture Blog, 2015). It counts
 * nothing and never ends: whoever uses it keeps the step, and goes back to step 0 after a success.
 *
 * <p><b>Threads:</b> any. <b>State:</b> none.
 */
public final class Backoff {

    /** Even, and free of contention. */
    static final LongUnaryOperator RANDOM = bound -> ThreadLocalRandom.current().nextLong(bound);

    private final long firstNanos;
    private final long maxNanos;
    private final LongUnaryOperator random;

    /**
     * @param first ceiling of the first delay, more than zero
     * @param max the highest ceiling, at least {@code first}, at most 365 days
     */
    public Backoff(Duration first, Duration max) {
        this(first, max, RANDOM);
    }

    /**
     * @param first ceiling of the first delay, more than zero
     * @param max the highest ceiling, at least {@code first}, at most 365 days
     * @param random gives for n > 0 a number from 0 to n - 1, each as likely as the others
     */
    public Backoff(Duration first, Duration max, LongUnaryOperator random) {
        RetryConfig.requirePositive("firstBackoff", first);
        RetryConfig.requireBetween("maxBackoff", max, first, "firstBackoff");
        this.firstNanos = first.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /**
     * A delay, in nanoseconds, from 0 to {@link #ceilingNanos}.
     *
     * @param step retries before this one in a row; 0 is the first
     */
    public long delayNanos(int step) {
        return random.applyAsLong(ceilingNanos(step) + 1);
    }

    /**
     * The longest delay of a step, in nanoseconds: the lesser of {@code first} · 2<sup>step</sup> and {@code max}.
     *
     * @param step retries before this one in a row; 0 is the first
     */
    public long ceilingNanos(int step) {
        if (step < 0) {
            throw new IllegalArgumentException("step: " + step + " (expected: >= 0)");
        }
        int doublings = Math.min(step, Long.SIZE - 1);
        return firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
    }
}
