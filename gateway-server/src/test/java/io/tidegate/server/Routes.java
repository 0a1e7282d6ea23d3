package io.tidegate.server;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.queue.Overflow;
import io.tidegate.queue.QueueConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.RouteDedupConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The route {@code /} of a gateway, with {@code continuity: reconnect} and endpoints that are forgiven soon. */
record Routes(
        Confirm confirm,
        Duration reconnectFor,
        QueueConfig queue,
        @Nullable RouteDedupConfig dedup,
        BreakerConfig breaker) {

    static final Routes RECONNECT = new Routes(
            Confirm.NONE,
            Duration.ofMinutes(1),
            QueueConfig.DEFAULTS,
            null,
            BreakerConfig.DEFAULTS.withOpenFor(Duration.ofMillis(50)));

    Routes with(Confirm value) {
        return new Routes(value, reconnectFor, queue, dedup, breaker);
    }

    Routes within(Duration value) {
        return new Routes(confirm, value, queue, dedup, breaker);
    }

    Routes with(int maxMessages, Duration ttl, Overflow overflow) {
        return new Routes(confirm, reconnectFor, new QueueConfig(maxMessages, 1 << 20, ttl, overflow), dedup, breaker);
    }

    Routes with(RouteDedupConfig value) {
        return new Routes(confirm, reconnectFor, queue, value, breaker);
    }

    Routes with(BreakerConfig value) {
        return new Routes(confirm, reconnectFor, queue, dedup, value);
    }

    GatewayConfig to(ScriptedUpstream... endpoints) {
        UpstreamConfig upstream = new UpstreamConfig(
                List.of(endpoints).stream()
                        .map(endpoint -> EndpointConfig.of(endpoint.uri()))
                        .toList(),
                BalanceConfig.ROUND_ROBIN,
                Peer.PATIENCE,
                DialRetryConfig.DEFAULTS,
                breaker,
                null,
                500,
                DnsConfig.DEFAULTS);
        RouteConfig route = new RouteConfig(
                "/",
                "*",
                "only",
                new ContinuityConfig(Continuity.RECONNECT, reconnectFor, 1014, Set.of(1012), confirm, null),
                new RouteQueueConfig(queue, 0),
                dedup,
                null,
                null,
                PingConfig.DEFAULTS,
                new LimitsConfig(1 << 20, 1 << 20));
        return GatewayFixture.config(Map.of("only", upstream), List.of(route));
    }
}
