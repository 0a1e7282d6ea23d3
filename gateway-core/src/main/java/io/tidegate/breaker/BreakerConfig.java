package io.tidegate.breaker;

import java.time.Duration;

/**
 * When a breaker opens, and how it closes again.
 *
 * <p>Durations are at most a year.
 *
 * @param failureRate opens when this share of the calls in the window failed; above 0, at most 1; default 0.5
 * @param slowCallRate opens when this share of the calls in the window was slow; above 0, at most 1; default 1
 * @param slowCallDuration a call is slow when it takes longer; zero, the default: none is
 * @param window how many of the last results count; 1 to 1,000,000; default 20
 * @param minimumCalls no judgement before this many results; 1 to {@code window}; default 5
 * @param openFor how long it stays open; positive; default 10 s
 * @param halfOpenCalls how many probes are let in when half-open, and judged by the same rates; 1 to 1,000,000; default 3
 * @param halfOpenFor a half-open breaker turns a call away because all probes are out, and the last one left this long
 *     ago: they are taken for lost, and it opens again; zero: never; default 1 min
 */
public record BreakerConfig(
        double failureRate,
        double slowCallRate,
        Duration slowCallDuration,
        int window,
        int minimumCalls,
        Duration openFor,
        int halfOpenCalls,
        Duration halfOpenFor) {

    static final Duration LONGEST = Duration.ofDays(365);

    /** Results are all kept, so that a slip of the pen must not take the heap. */
    private static final int MOST_CALLS = 1_000_000;

    /** All defaults. */
    public static final BreakerConfig DEFAULTS =
            new BreakerConfig(0.5, 1, Duration.ZERO, 20, 5, Duration.ofSeconds(10), 3, Duration.ofMinutes(1));

    /** Checks all ranges. */
    public BreakerConfig {
        require(failureRate > 0 && failureRate <= 1, "failureRate", failureRate, "> 0 and <= 1");
        require(slowCallRate > 0 && slowCallRate <= 1, "slowCallRate", slowCallRate, "> 0 and <= 1");
        require(isUpToAYear(slowCallDuration), "slowCallDuration", slowCallDuration, "0 to 1 year");
        require(window > 0 && window <= MOST_CALLS, "window", window, "1 to " + MOST_CALLS);
        require(minimumCalls > 0 && minimumCalls <= window, "minimumCalls", minimumCalls, "1 to the window, " + window);
        require(isUpToAYear(openFor) && !openFor.isZero(), "openFor", openFor, "> 0, up to 1 year");
        require(halfOpenCalls > 0 && halfOpenCalls <= MOST_CALLS, "halfOpenCalls", halfOpenCalls, "1 to " + MOST_CALLS);
        require(isUpToAYear(halfOpenFor), "halfOpenFor", halfOpenFor, "0 to 1 year");
    }

    /** The same with another {@link #failureRate()}. */
    public BreakerConfig withFailureRate(double rate) {
        return new BreakerConfig(
                rate, slowCallRate, slowCallDuration, window, minimumCalls, openFor, halfOpenCalls, halfOpenFor);
    }

    /** The same with another {@link #slowCallRate()} and {@link #slowCallDuration()}. */
    public BreakerConfig withSlowCalls(double rate, Duration duration) {
        return new BreakerConfig(
                failureRate, rate, duration, window, minimumCalls, openFor, halfOpenCalls, halfOpenFor);
    }

    /** The same with another {@link #window()} and {@link #minimumCalls()}. */
    public BreakerConfig withWindow(int calls, int minimum) {
        return new BreakerConfig(
                failureRate, slowCallRate, slowCallDuration, calls, minimum, openFor, halfOpenCalls, halfOpenFor);
    }

    /** The same with another {@link #openFor()}. */
    public BreakerConfig withOpenFor(Duration duration) {
        return new BreakerConfig(
                failureRate,
                slowCallRate,
                slowCallDuration,
                window,
                minimumCalls,
                duration,
                halfOpenCalls,
                halfOpenFor);
    }

    /** The same with another {@link #halfOpenCalls()} and {@link #halfOpenFor()}. */
    public BreakerConfig withHalfOpen(int calls, Duration duration) {
        return new BreakerConfig(
                failureRate, slowCallRate, slowCallDuration, window, minimumCalls, openFor, calls, duration);
    }

    private static boolean isUpToAYear(Duration duration) {
        return !duration.isNegative() && duration.compareTo(LONGEST) <= 0;
    }

    private static void require(boolean valid, String name, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ')');
        }
    }
}
