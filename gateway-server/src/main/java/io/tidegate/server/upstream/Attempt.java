package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.breaker.Permit;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.dial.Dialler;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Leave to dial an endpoint once, from when it is picked: it is one of the endpoint's connections already, so that many who
 * pick at once are spread. Used once, by {@link #dial} or {@link #giveBack}.
 *
 * <p><b>Threads:</b> any; never blocks.
 */
public final class Attempt {

    private final Endpoint endpoint;
    private final Dialler dialler;
    private final EndpointBreaker breaker;
    private final Permit permit;
    private final String key;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** @param key what the endpoint was picked by */
    Attempt(Endpoint endpoint, Dialler dialler, EndpointBreaker breaker, Permit permit, String key) {
        this.endpoint = endpoint;
        this.dialler = dialler;
        this.breaker = breaker;
        this.permit = permit;
        this.key = key;
        endpoint.connected();
    }

    /** What it leads to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * Dials, and has the handshake done.
     *
     * <p><b>Signals:</b> the leg, which counts as a connection until it is over; or a {@link GatewayException}, which names the
     * endpoint unless the endpoint answered: {@link io.tidegate.server.handshake.RefusedException}. It comes when the endpoint's
     * breaker has counted it, for which it may have to wait until the gateway has asked for itself. Cancel: the connection is
     * closed. However it ends, so does the permit. <b>Threads:</b> subscribed to and answered on {@code loop}, that of the client
     * leg.
     */
    public Mono<UpstreamLeg> dial(Call call, EventLoop loop) {
        return Mono.defer(() -> {
            endpoint.dialled();
            String entrance = call.entrance(endpoint.uri());
            return dialler.dial(
                            call.at(endpoint.uri()),
                            loop,
                            (answer, leg) -> new UpstreamLeg(endpoint, answer, leg, key, entrance))
                    .doOnNext(leg -> succeeded())
                    .onErrorResume(failure -> failed(failure, entrance, loop))
                    .doOnCancel(this::giveBack);
        });
    }

    /** Ends it, before the dial or while it is under way. */
    public void giveBack() {
        // Otherwise it is over already, and what came of it counts.
        if (disconnected()) {
            breaker.released(permit);
        }
    }

    private boolean disconnected() {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            endpoint.disconnected();
        }
        return first;
    }

    private void succeeded() {
        if (ended.compareAndSet(false, true)) {
            breaker.succeeded(permit);
            endpoint.answered();
        }
    }

    private Mono<UpstreamLeg> failed(Throwable thrown, String entrance, EventLoop loop) {
        if (!(thrown instanceof GatewayException failure)) {
            giveBack();
            return Mono.error(thrown);
        }
        Mono<UpstreamLeg> told = Mono.error(() -> failure.from(endpoint));
        return !disconnected() || breaker.failed(permit, failure)
                ? told
                : judged(failure, entrance)
                        .publishOn(Schedulers.fromExecutorService(loop))
                        .then(told);
    }

    /** Ends the permit when it is known whose fault it was, whether or not anybody still waits for that. */
    private Mono<Void> judged(GatewayException failure, String entrance) {
        Sinks.Empty<Void> judged = Sinks.empty();
        endpoint.grants(entrance)
                .subscribe(
                        grants -> {
                            if (grants) {
                                breaker.acquitted(permit);
                            } else {
                                breaker.blamed(permit, failure);
                            }
                            judged.tryEmitEmpty();
                        },
                        error -> {
                            // The event loops have ended.
                            breaker.released(permit);
                            judged.tryEmitEmpty();
                        });
        return judged.asMono();
    }
}
