package io.tidegate.server.config.continuity;

import java.time.Duration;

/**
 * How an upstream leg that went silent is found out.
 *
 * @param interval a Ping is sent when no Pong came for so long; 10 ms to 24 h
 * @param timeout the leg is taken for lost when nothing came for so long after a Ping, or for ten times as long no Pong; 10 ms
 *     to 1 h
 */
public record PingConfig(Duration interval, Duration timeout) {

    /** 20 s, 10 s. */
    public static final PingConfig DEFAULTS = new PingConfig(Duration.ofSeconds(20), Duration.ofSeconds(10));

    public PingConfig {
        ContinuityKeys.PING_INTERVAL.check(interval);
        ContinuityKeys.PING_TIMEOUT.check(timeout);
    }
}
