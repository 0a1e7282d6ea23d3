package io.tidegate.retry;

import java.time.Duration;
import java.util.Locale;

/**
 * When to try again, and when to stop.
 *
 * @param maxAttempts attempts in all, the first included; 1 or more, 5 by default
 * @param firstBackoff ceiling of the first delay; more than zero, 100 ms by default
 * @param maxBackoff the highest ceiling of a delay; from {@code firstBackoff} to 365 days, 10 s by default
 * @param deadline after this time, from the subscription on, no attempt starts and the one under way is cancelled; up to
 *     365 days, zero for none, 60 s by default
 */
public record RetryConfig(int maxAttempts, Duration firstBackoff, Duration maxBackoff, Duration deadline) {

    // Above DEFAULTS, which are checked against it.
    private static final Duration LONGEST = Duration.ofDays(365);

    /** The defaults named above. */
    public static final RetryConfig DEFAULTS =
            new RetryConfig(5, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofSeconds(60));

    public RetryConfig {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: >= 1)");
        }
        requirePositive("firstBackoff", firstBackoff);
        requireBetween("maxBackoff", maxBackoff, firstBackoff, "firstBackoff");
        requireBetween("deadline", deadline, Duration.ZERO, "0s");
    }

    /** The same with another number of attempts. */
    public RetryConfig withMaxAttempts(int attempts) {
        return new RetryConfig(attempts, firstBackoff, maxBackoff, deadline);
    }

    /** The same with another backoff. */
    public RetryConfig withBackoff(Duration first, Duration max) {
        return new RetryConfig(maxAttempts, first, max, deadline);
    }

    /** The same with another deadline, or none if it is zero. */
    public RetryConfig withDeadline(Duration time) {
        return new RetryConfig(maxAttempts, firstBackoff, maxBackoff, time);
    }

    boolean hasDeadline() {
        return !deadline.isZero();
    }

    static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + ": " + text(value) + " (expected: > 0)");
        }
    }

    static void requireBetween(String name, Duration value, Duration least, String leastName) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(name + ": " + text(value) + " (expected: >= " + leastName + ')');
        }
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + text(value) + " (expected: <= " + text(LONGEST) + ')');
        }
    }

    /** As in {@code 0.1s} or {@code 1m30s}. */
    static String text(Duration duration) {
        return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }
}
