package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.retry.Backoff;
import io.tidegate.retry.RetryBudget;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.pace.PacedLine;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * A named set of endpoints.
 *
 * <p><b>Threads:</b> any. What it does of its own accord it does on one of the event loops.
 */
public final class Upstream {

    private static final Logger log = LoggerFactory.getLogger(Upstream.class);

    private final String name;
    private final RetryConfig retry;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final Tally<RetryResult> retries = new Tally<>(RetryResult.class);
    private final EndpointPool pool;
    private final EventLoop home;
    private final PacedLine redials;
    private final Mover mover;
    private final Membership membership;

    public Upstream(String name, UpstreamConfig config, LoopResources loops) {
        this.name = name;
        this.retry = config.retry().attempts();
        this.backoff = new Backoff(retry.firstBackoff(), retry.maxBackoff());
        this.budget = RetryBudget.of(config.retry().budget());
        this.home = loops.onServer(true).next();
        this.redials = new PacedLine(home, config.reconnectRate());
        this.pool = new EndpointPool(name, config.balance());
        this.mover = new Mover(pool, new PacedLine(home, config.reconnectRate()), redials, home);
        this.membership = new Membership(name, config, loops, home, pool, new Changes(), mover::empty);
    }

    /** Starts what it does of its own accord: checks and look-ups. Reads files, so not for an event loop. */
    public void start() {
        membership.start();
    }

    /** Ends that. */
    public void stop() {
        membership.stop();
    }

    /** How many periodic checks and look-ups it has. */
    public int tasks() {
        return membership.tasks();
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
        Mono<UpstreamLeg> dial =
                Mono.defer(() -> new FirstDial(pool, retry, backoff, budget, retries, call, loop).start());
        return pool.endpoints().isEmpty() ? membership.known(loop).then(dial) : dial;
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

    /** Takes an endpoint out: no new legs, and those it has are moved, so many a second. */
    public void drain(Endpoint endpoint) {
        endpoint.drained(true);
        mover.empty(endpoint);
    }

    /** Takes it in again. */
    public void undrain(Endpoint endpoint) {
        endpoint.drained(false);
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

    /** What follows from what endpoints find out. */
    private final class Changes implements Endpoint.Listener {

        @Override
        public void mayBeTried(Endpoint endpoint) {
            redials.wake();
            onHome(mover::mayGo);
        }

        @Override
        public void returned(Endpoint endpoint) {
            onHome(mover::rebalance);
        }

        @Override
        public void lost(Endpoint endpoint) {
            // Where there is only one, whoever lost a leg finds out.
            if (pool.endpoints().size() > 1) {
                endpoint.look();
            }
        }

        @Override
        public void movable(UpstreamLeg leg) {
            mover.movable(leg);
        }

        @Override
        public void uneven(Endpoint endpoint) {
            onHome(() -> mover.uneven(endpoint));
        }

        @Override
        public void movableAgain(UpstreamLeg leg) {
            onHome(() -> mover.movableAgain(leg));
        }

        @Override
        public void emptied(Endpoint endpoint) {
            onHome(() -> membership.forgetIfEmpty(endpoint));
        }

        private void onHome(Runnable task) {
            try {
                home.execute(task);
            } catch (RejectedExecutionException e) {
                log.debug("upstream {}: the event loops have ended", name);
            }
        }
    }
}
