package io.tidegate.server.config.upstream;

import java.time.Duration;

/**
 * Periodic checks of each endpoint.
 *
 * @param interval from one check to the next; 10 ms to 24 h
 * @param timeout how long a check may take; 1 ms to 1 h
 */
public record HealthConfig(Duration interval, Duration timeout) {

    public HealthConfig {
        UpstreamKeys.HEALTH_INTERVAL.check(interval);
        UpstreamKeys.HEALTH_TIMEOUT.check(timeout);
    }
}
