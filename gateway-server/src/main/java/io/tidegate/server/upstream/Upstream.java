package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.frame.FrameLimits;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.OpeningRequest;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * A named set of endpoints. A dial starts at the next endpoint in turn (round-robin) and goes on to the others, each tried
 * once, while they fail; an endpoint that answered, even to refuse, has decided.
 *
 * <p><b>Threads:</b> any.
 */
public final class Upstream {

    private final String name;
    private final List<Endpoint> endpoints;
    private final AtomicInteger turn = new AtomicInteger();

    public Upstream(String name, UpstreamConfig config, LoopResources loops) {
        this.name = name;
        this.endpoints = config.endpoints().stream()
                .map(endpoint -> new Endpoint(endpoint.uri(), config.connectTimeout(), loops))
                .toList();
    }

    /**
     * Finds an endpoint that completes the handshake.
     *
     * <p><b>Signals:</b> the leg; {@link io.tidegate.server.handshake.RefusedException} when an endpoint refused;
     * {@link GatewayException} when all failed, naming each with its reason. Cancel: dialling is given up.
     */
    public Mono<UpstreamLeg> dial(OpeningRequest request, String prefix, FrameLimits limits, EventLoop loop) {
        if (endpoints.isEmpty()) {
            return Mono.error(new GatewayException(Failure.UNAVAILABLE, "upstream " + name + " has no endpoint"));
        }
        int first = Math.floorMod(turn.getAndIncrement(), endpoints.size());
        Mono<UpstreamLeg> dial = endpoints.get(first).dial(request, prefix, limits, loop);
        for (int i = 1; i < endpoints.size(); i++) {
            Endpoint next = endpoints.get((first + i) % endpoints.size());
            dial = dial.onErrorResume(
                    Upstream::isRetryable,
                    earlier -> next.dial(request, prefix, limits, loop)
                            .onErrorMap(Upstream::isRetryable, later -> both(earlier, later)));
        }
        return dial;
    }

    private static boolean isRetryable(Throwable failure) {
        return failure instanceof GatewayException known && known.isRetryable();
    }

    private static GatewayException both(Throwable earlier, Throwable later) {
        Failure kind = later instanceof GatewayException known ? known.failure() : Failure.UPSTREAM_FAILED;
        return new GatewayException(kind, earlier.getMessage() + "; " + later.getMessage(), later.getCause());
    }
}
