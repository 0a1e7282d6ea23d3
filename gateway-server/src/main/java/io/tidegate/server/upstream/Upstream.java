package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.retry.Backoff;
import io.tidegate.retry.RetryBudget;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.pace.PacedLine;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * A named set of endpoints.
 *
 * <p><b>Threads:</b> any. What it does of its own accord it does on one of the event loops.
 */
public final class Upstream {

    private final String name;
    private final RetryConfig retry;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final Tally<RetryResult> retries = new Tally<>(RetryResult.class);
    private final EndpointPool pool;
    private final PacedLine redials;

    public Upstream(String name, UpstreamConfig config, LoopResources loops) {
        this.name = name;
        this.retry = config.retry().attempts();
        this.backoff = new Backoff(retry.firstBackoff(), retry.maxBackoff());
        this.budget = RetryBudget.of(config.retry().budget());
        EventLoop home = loops.onServer(true).next();
        Scheduler scheduler = Schedulers.fromExecutorService(home);
        this.redials = new PacedLine(home, config.reconnectRate());
        this.pool = new EndpointPool(name, config.balance());
        Endpoint.Listener listener = new Endpoint.Listener() {
            @Override
            public void mayBeTried(Endpoint endpoint) {
                redials.wake();
            }
        };
        pool.endpoints(config.endpoints().stream()
                .map(endpoint -> new Endpoint(name, endpoint, null, config, loops, scheduler, listener))
                .toList());
    }

    /** The value of the label {@code upstream}. */
    public String name() {
        return name;
    }

    /**
     * Finds an endpoint that completes the handshake, before the client's 101.
     *
     * <p><b>Signals:</b> the leg; {@link io.tidegate.server.handshake.RefusedException} when an endpoint refused; {@link
     * io.tidegate.server.failure.UnavailableException} when none may be tried; another {@link GatewayException} when all
     * attempts failed, naming each endpoint with its reason. Cancel: dialling is given up. <b>Threads:</b> subscribed to and
     * answered on {@code loop}, that of the client leg.
     */
    public Mono<UpstreamLeg> dial(Call call, EventLoop loop) {
        return Mono.defer(() -> new FirstDial(pool, retry, backoff, budget, retries, call, loop).start());
    }

    /**
     * Finds another endpoint for a session that lost its leg, or the same one once it is back. Dials are paced by {@code
     * reconnectRate}, in the order in which they were asked for, and held back while no endpoint may be tried.
     *
     * <p><b>Signals:</b> the leg, however long it takes; {@link io.tidegate.server.handshake.RefusedException} when the
     * endpoint's answer is final (4xx other than 408, 425 and 429). Cancel: it is given up, at once; nothing comes afterwards.
     * <b>Threads:</b> subscribed to, cancelled and answered on {@code loop}, that of the client leg.
     *
     * @param call with what the client was told at its 101
     */
    public Mono<UpstreamLeg> redial(Call call, EventLoop loop, Redial run) {
        return Mono.create(sink -> {
            RedialRun redial = new RedialRun(pool, redials, retry.maxBackoff().toNanos(), call, loop, run, sink);
            sink.onCancel(redial);
            redial.start();
        });
    }

    /** Sessions that wait for a leg. */
    public int waiting() {
        return redials.size();
    }

    /** Retries before a client's 101 that came to this. */
    public long retries(RetryResult result) {
        return retries.of(result);
    }

    /** The endpoints, those that are being emptied included. */
    public List<Endpoint> endpoints() {
        return pool.endpoints();
    }

    /** Whether an endpoint may be tried now. */
    public boolean isUsable() {
        return pool.mayTryAny();
    }
}
