package io.tidegate.dedup;

import java.time.Duration;

/**
 * How long, and how many keys, a window remembers. Whichever ends first counts.
 *
 * @param window for how long after its delivery a key is remembered; more than 0, at most 365 days
 * @param maxEntries how many keys are held at most, those under way included; 1 to 2^24
 */
public record DedupConfig(Duration window, int maxEntries) {

    // Before DEFAULTS, which is judged by it.
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Five minutes, 100,000 keys. */
    public static final DedupConfig DEFAULTS = new DedupConfig(Duration.ofMinutes(5), 100_000);

    public DedupConfig {
        if (window.isNegative() || window.isZero() || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("window: " + window + " (expected: > 0, <= 365 days)");
        }
        if (maxEntries < 1 || maxEntries > PendingKeys.MOST) {
            throw new IllegalArgumentException(
                    "maxEntries: " + maxEntries + " (expected: 1 to " + PendingKeys.MOST + ')');
        }
    }
}
