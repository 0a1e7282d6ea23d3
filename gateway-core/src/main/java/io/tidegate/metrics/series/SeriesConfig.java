package io.tidegate.metrics.series;

import java.time.Duration;

/**
 * How many series there may be, and how long one stays that nobody uses.
 *
 * @param maxSeries at least 1; whatever comes beyond shares one series. Default: 10,000
 * @param idleFor up to 365 days; how long a series that nobody holds must have recorded nothing before it goes. Default: 10 min
 */
public record SeriesConfig(int maxSeries, Duration idleFor) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** 10,000 series, 10 minutes. */
    public static final SeriesConfig DEFAULTS = new SeriesConfig(10_000, Duration.ofMinutes(10));

    /** Rejects what can't be. */
    public SeriesConfig {
        if (maxSeries < 1) {
            throw new IllegalArgumentException("maxSeries: " + maxSeries + " (expected: >= 1)");
        }
        if (idleFor.isNegative() || idleFor.isZero() || idleFor.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("idleFor: " + idleFor + " (expected: > 0 and <= " + LONGEST + ')');
        }
    }
}
