package io.tidegate.server.config.continuity;

import java.time.Duration;

/**
 * How an upstream leg that went silent is found out, and how far away a client is.
 *
 * @param interval a Ping is sent when no Pong came for so long; 10 ms to 24 h
 * @param timeout the leg is taken for lost when nothing came for so long after a Ping, or for ten times as long no Pong; 10 ms
 *     to 1 h
 * @param clientInterval between two pings to a client; 10 ms to 24 h
 */
public record PingConfig(Duration interval, Duration timeout, Duration clientInterval) {

    /** 20 s, 10 s, 20 s. */
    public static final PingConfig DEFAULTS =
            new PingConfig(Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ofSeconds(20));

    public PingConfig {
        ContinuityKeys.PING_INTERVAL.check(interval);
        ContinuityKeys.PING_TIMEOUT.check(timeout);
        ContinuityKeys.CLIENT_PING_INTERVAL.check(clientInterval);
    }
}
