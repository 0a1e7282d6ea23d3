package io.tidegate.server.admin.stats;

import io.tidegate.breaker.BreakerSnapshot;
import io.tidegate.breaker.BreakerState;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.RetryResult;
import io.tidegate.server.upstream.Upstream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Upstreams and their endpoints, as properties of a JSON object. */
final class UpstreamJson {

    private static final double PERCENT = 100;

    private UpstreamJson() {}

    static void upstreams(JsonGenerator to, List<Upstream> upstreams) {
        to.writeObjectPropertyStart("upstreams");
        for (Upstream upstream : upstreams) {
            to.writeObjectPropertyStart(upstream.name());
            to.writeNumberProperty("waiting", upstream.waiting());
            to.writeObjectPropertyStart("retries");
            for (RetryResult result : RetryResult.values()) {
                to.writeNumberProperty(result.label(), upstream.retries(result));
            }
            to.writeEndObject();
            to.writeObjectPropertyStart("endpoints");
            for (Endpoint endpoint : upstream.endpoints()) {
                to.writeObjectPropertyStart(endpoint.toString());
                endpoint(to, endpoint);
                to.writeEndObject();
            }
            to.writeEndObject();
            to.writeEndObject();
        }
        to.writeEndObject();
    }

    /** What an endpoint's object has in it. */
    static void endpoint(JsonGenerator to, Endpoint endpoint) {
        BreakerSnapshot breaker = endpoint.breakerSnapshot();
        to.writeStringProperty("breaker", breaker.state().label());
        to.writeBooleanProperty("forced", breaker.forced());
        if (breaker.calls() == 0) {
            to.writeNullProperty("failureRate");
        } else {
            to.writeNumberProperty("failureRate", PERCENT * breaker.failureRate());
        }
        to.writeObjectPropertyStart("transitions");
        for (BreakerState state : BreakerState.values()) {
            to.writeNumberProperty(state.label(), endpoint.transitionsTo(state));
        }
        to.writeEndObject();
        to.writeNumberProperty("nextProbeMillis", breaker.untilProbe().toMillis());
        to.writeNumberProperty("connections", endpoint.connections());
        to.writeNumberProperty("dials", endpoint.dials());
        to.writeBooleanProperty("healthy", !endpoint.isFailing());
        to.writeBooleanProperty("draining", endpoint.isDrained());
        to.writeBooleanProperty("vanished", endpoint.isVanished());
    }

    /** All dials that were retries. */
    static void retry(JsonGenerator to, List<Upstream> upstreams) {
        long successes = sum(upstreams, RetryResult.SUCCESS);
        long failures = sum(upstreams, RetryResult.FAILURE);
        long attempts = successes + failures;
        to.writeObjectPropertyStart("retry");
        to.writeNumberProperty("attempts", attempts);
        to.writeNumberProperty("successes", successes);
        to.writeNumberProperty("failures", failures);
        to.writeNumberProperty("denied", sum(upstreams, RetryResult.DENIED));
        if (attempts == 0) {
            to.writeNullProperty("successRate");
        } else {
            to.writeNumberProperty("successRate", (double) successes / attempts);
        }
        to.writeEndObject();
    }

    private static long sum(List<Upstream> upstreams, RetryResult result) {
        return upstreams.stream()
                .mapToLong(upstream -> upstream.retries(result))
                .sum();
    }
}
