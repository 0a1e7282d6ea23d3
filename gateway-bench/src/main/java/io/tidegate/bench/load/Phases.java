package io.tidegate.bench.load;

import java.time.Duration;

/**
 * How long a run takes once its connections are open.
 *
 * @param warmup traffic that is not measured, first
 * @param duration traffic that is measured; above 0
 * @param linger how long missing echoes are waited for at the end
 */
public record Phases(Duration warmup, Duration duration, Duration linger) {

    /** Validates. */
    public Phases {
        if (warmup.isNegative()) {
            throw new IllegalArgumentException("warmup: " + warmup + " (expected: >= 0)");
        }
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("duration: " + duration + " (expected: > 0)");
        }
        if (linger.isNegative()) {
            throw new IllegalArgumentException("linger: " + linger + " (expected: >= 0)");
        }
    }

    /** No warm-up, and missing echoes are waited for up to two seconds. */
    public static Phases of(Duration duration) {
        return new Phases(Duration.ZERO, duration, Duration.ofSeconds(2));
    }
}
