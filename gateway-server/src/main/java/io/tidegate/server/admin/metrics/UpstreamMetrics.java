package io.tidegate.server.admin.metrics;

import io.tidegate.breaker.BreakerState;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.RetryResult;
import io.tidegate.server.upstream.Upstream;
import java.util.List;

/** What upstreams and their endpoints have to tell. */
final class UpstreamMetrics {

    private final List<Upstream> upstreams;

    UpstreamMetrics(List<Upstream> upstreams) {
        this.upstreams = upstreams;
    }

    void write(Scrape to) {
        for (Upstream upstream : upstreams) {
            for (Endpoint endpoint : upstream.endpoints()) {
                String label = endpoint.toString();
                to.set(Metric.BREAKER_STATE, value(endpoint.breakerState()), upstream.name(), label);
                for (BreakerState state : BreakerState.values()) {
                    to.set(
                            Metric.BREAKER_TRANSITIONS,
                            endpoint.transitionsTo(state),
                            upstream.name(),
                            label,
                            state.label());
                }
            }
            for (RetryResult result : RetryResult.values()) {
                to.set(Metric.RETRIES, upstream.retries(result), upstream.name(), result.label());
            }
        }
    }

    private static long value(BreakerState state) {
        return switch (state) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }
}
