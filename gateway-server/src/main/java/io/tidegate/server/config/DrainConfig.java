package io.tidegate.server.config;

import java.time.Duration;

/**
 * How a gateway ends its sessions before it ends itself.
 *
 * @param timeout the longest that it may take, from when it begins; what is left then is cut off; 0 s to 1 h
 * @param spread over how long the Close frames are spread; one that is longer than {@code timeout} becomes as long
 * @param closeCode the code of those frames
 */
public record DrainConfig(Duration timeout, Duration spread, int closeCode) {

    /** 30 s, 10 s, 1001. */
    public static final DrainConfig DEFAULTS = new DrainConfig(Duration.ofSeconds(30), Duration.ofSeconds(10), 1001);

    public DrainConfig {
        ConfigKeys.DRAIN_TIMEOUT.check(timeout);
        ConfigKeys.DRAIN_SPREAD.check(spread);
        ConfigKeys.DRAIN_CLOSE_CODE.check(closeCode);
        spread = spread.compareTo(timeout) > 0 ? timeout : spread;
    }
}
