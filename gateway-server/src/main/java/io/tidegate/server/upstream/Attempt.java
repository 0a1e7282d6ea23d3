package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.breaker.Permit;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.dial.Dialler;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
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
                    .onErrorResume(
                            GatewayException.class,
                            failure -> failed(failure, entrance, loop).then(Mono.error(() -> named(failure))))
                    .doOnCancel(this::giveBack);
        });
    }

    /** Ends it, before the dial or while it is under way. */
    public void giveBack() {
        if (ended.compareAndSet(false, true)) {
            endpoint.disconnected();
        }
        // Also when it is over, and what came of it is still in doubt.
        breaker.released(permit);
    }

    private void succeeded() {
        if (ended.compareAndSet(false, true)) {
            breaker.succeeded(permit);
            endpoint.answered();
        }
    }

    private Mono<Void> failed(GatewayException failure, String entrance, EventLoop loop) {
        if (ended.compareAndSet(false, true)) {
            endpoint.disconnected();
        }
        if (breaker.failed(permit, failure)) {
            return Mono.empty();
        }
        return endpoint.answersTo(entrance)
                .publishOn(Schedulers.fromExecutorService(loop))
                .doOnNext(answers -> {
                    if (answers) {
                        breaker.released(permit);
                    } else {
                        breaker.blamed(permit, failure);
                    }
                })
                .then();
    }

    private GatewayException named(GatewayException failure) {
        return failure.isRetryable()
                ? new GatewayException(failure.failure(), endpoint + ": " + failure.text(), failure.getCause())
                : failure;
    }
}
