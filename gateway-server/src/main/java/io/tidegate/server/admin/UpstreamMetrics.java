package io.tidegate.server.admin;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tidegate.breaker.BreakerState;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.RetryResult;
import io.tidegate.server.upstream.Upstream;
import java.util.List;
import java.util.Locale;

/** What upstreams and their endpoints have to tell, as Prometheus metrics. */
final class UpstreamMetrics {

    private static final String UPSTREAM = "upstream";
    private static final String ENDPOINT = "endpoint";

    private final List<Upstream> upstreams;

    UpstreamMetrics(List<Upstream> upstreams) {
        this.upstreams = upstreams;
    }

    List<MetricSnapshot> snapshots() {
        return List.of(states(), transitions(), retries());
    }

    private GaugeSnapshot states() {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder()
                .name("tidegate_breaker_state")
                .help("What the breaker of an endpoint does: 0 closed, 1 half-open, 2 open.");
        for (Upstream upstream : upstreams) {
            for (Endpoint endpoint : upstream.endpoints()) {
                gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(UPSTREAM, upstream.name(), ENDPOINT, endpoint.toString()))
                        .value(value(endpoint.breakerState()))
                        .build());
            }
        }
        return gauge.build();
    }

    private CounterSnapshot transitions() {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("tidegate_breaker_transitions")
                .help("How often the breaker of an endpoint went to a state.");
        for (Upstream upstream : upstreams) {
            for (Endpoint endpoint : upstream.endpoints()) {
                for (BreakerState state : BreakerState.values()) {
                    Labels labels =
                            Labels.of(UPSTREAM, upstream.name(), ENDPOINT, endpoint.toString(), "to", label(state));
                    counter.dataPoint(point(labels, endpoint.transitionsTo(state)));
                }
            }
        }
        return counter.build();
    }

    private CounterSnapshot retries() {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("tidegate_retries")
                .help("Dials after a failed one, before the client's 101, by how they ended: success (the endpoint"
                        + " answered), failure, denied (not made, the budget was used up).");
        for (Upstream upstream : upstreams) {
            for (RetryResult result : RetryResult.values()) {
                Labels labels = Labels.of(UPSTREAM, upstream.name(), "result", result.label());
                counter.dataPoint(point(labels, upstream.retries(result)));
            }
        }
        return counter.build();
    }

    private static double value(BreakerState state) {
        return switch (state) {
            case CLOSED -> 0;
            case HALF_OPEN -> 1;
            case OPEN -> 2;
        };
    }

    /** The value of the label {@code to}. */
    static String label(BreakerState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value((double) value)
                .build();
    }
}
