package io.tidegate.server.config;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Configuration records for tests, with the default for whatever is not said. */
public final class Configs {

    private Configs() {}

    /**
     * One that lets everything happen: tests kill upstreams again and again, and what breakers make of that is the business of
     * their own tests.
     */
    private static final BreakerConfig TOLERANT = BreakerConfig.DEFAULTS.withWindow(10_000, 10_000);

    /** Endpoints of weight 1, and all else by default. */
    static UpstreamConfig plain(Duration connectTimeout, List<URI> endpoints) {
        return upstream(connectTimeout, endpoints, BreakerConfig.DEFAULTS);
    }

    /** Endpoints of weight 1 whose breakers stay closed. */
    public static UpstreamConfig upstream(Duration connectTimeout, List<URI> endpoints) {
        return upstream(connectTimeout, endpoints, TOLERANT);
    }

    private static UpstreamConfig upstream(Duration connectTimeout, List<URI> endpoints, BreakerConfig breaker) {
        return new UpstreamConfig(
                endpoints.stream().map(EndpointConfig::of).toList(),
                BalanceConfig.ROUND_ROBIN,
                connectTimeout,
                DialRetryConfig.DEFAULTS,
                breaker,
                null,
                500,
                DnsConfig.DEFAULTS);
    }

    /** A route with {@code continuity: close}. */
    public static RouteConfig route(String path, String host, String upstream, LimitsConfig limits) {
        return route(path, host, upstream, ContinuityConfig.DEFAULTS, limits);
    }

    /** A route that tracks nothing and forgets everything. */
    public static RouteConfig route(
            String path, String host, String upstream, ContinuityConfig continuity, LimitsConfig limits) {
        return new RouteConfig(
                path,
                host,
                upstream,
                continuity,
                RouteQueueConfig.DEFAULTS,
                null,
                null,
                null,
                PingConfig.DEFAULTS,
                limits);
    }
}
