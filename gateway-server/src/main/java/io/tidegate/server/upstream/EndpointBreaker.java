package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.breaker.Breaker;
import io.tidegate.breaker.BreakerConfig;
import io.tidegate.breaker.BreakerListener;
import io.tidegate.breaker.BreakerSnapshot;
import io.tidegate.breaker.BreakerState;
import io.tidegate.breaker.Permit;
import io.tidegate.server.failure.DialException;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.log.Printable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import reactor.core.scheduler.Schedulers;

/**
 * One endpoint's breaker: what is a failure to it, how often it went where, and why, once for each time in the log.
 *
 * <p><b>Threads:</b> any; never blocks.
 */
final class EndpointBreaker implements BreakerListener {

    private static final Logger log = LoggerFactory.getLogger(EndpointBreaker.class);

    private final String upstream;
    private final Object endpoint;
    private final Breaker breaker;
    private final Consumer<BreakerState> onTransition;
    private final Runnable onRoom;
    private final Tally<BreakerState> transitions = new Tally<>(BreakerState.class);
    private volatile String lastFailure = "nothing";

    /**
     * @param endpoint what the log calls it
     * @param onTransition called with the state it went to
     * @param onRoom called when, half-open, a probe has ended: there may be room for another one
     */
    EndpointBreaker(
            String upstream,
            Object endpoint,
            BreakerConfig config,
            EventLoop home,
            Consumer<BreakerState> onTransition,
            Runnable onRoom) {
        this.upstream = upstream;
        this.endpoint = endpoint;
        this.onTransition = onTransition;
        this.onRoom = onRoom;
        this.breaker = Breaker.builder(upstream)
                .config(config)
                .scheduler(Schedulers.fromExecutorService(home))
                .listener(this)
                .build();
    }

    @Nullable
    Permit tryAcquire() {
        return breaker.tryAcquire();
    }

    /** A dial brought a leg. */
    void succeeded(Permit permit) {
        permit.success();
        ended();
    }

    /**
     * A dial failed. A refusal is an answer, unless it says that the server is in trouble.
     *
     * @return false if it may be the client's doing and would be {@linkplain Permit#failureUnlessDecisive decisive}: then it isn't
     *     counted, and the permit not ended
     */
    boolean failed(Permit permit, GatewayException failure) {
        if (isUnclear(failure)) {
            if (!permit.failureUnlessDecisive(failure)) {
                return false;
            }
            counted(failure);
        } else if (failure instanceof DialException dial && dial.fault() == DialException.Fault.ENDPOINT) {
            blamed(permit, failure);
        } else if (failure instanceof RefusedException || failure instanceof DialException) {
            succeeded(permit);
        } else {
            released(permit);
        }
        return true;
    }

    private static boolean isUnclear(GatewayException failure) {
        return failure instanceof RefusedException refused
                ? refused.isTrouble()
                : failure instanceof DialException dial && dial.fault() == DialException.Fault.UNCLEAR;
    }

    /** A dial failed, and it is the endpoint's fault. */
    void blamed(Permit permit, GatewayException failure) {
        lastFailure = failure.text();
        permit.failure(failure);
        ended();
    }

    /** A dial failed, and it is none of the endpoint's fault: the gateway was granted what its client wasn't. */
    void acquitted(Permit permit) {
        if (breaker.state() == BreakerState.HALF_OPEN) {
            succeeded(permit);
        } else {
            released(permit);
        }
    }

    private void counted(GatewayException failure) {
        lastFailure = failure.text();
        ended();
    }

    /** A dial was given up, or never made. */
    void released(Permit permit) {
        permit.release();
        ended();
    }

    /**
     * A leg failed: a call of its own, as the one that it came of has succeeded long since. It says nothing of what happened since
     * the breaker was judged last if it is older than that; and only dials are let out to try an endpoint.
     *
     * @return if it would be decisive, and so isn't counted, what to tell whether it is the endpoint's fault when that is known;
     *     else {@code null}
     */
    @Nullable
    Consumer<Boolean> fail(String what, long ageNanos) {
        BreakerSnapshot now = breaker.snapshot();
        if (now.state() != BreakerState.CLOSED
                || ageNanos > now.sinceTransition().toNanos()) {
            return null;
        }
        Permit permit = breaker.tryAcquire();
        if (permit == null) {
            return null;
        }
        GatewayException failure = new GatewayException(Failure.UPSTREAM_FAILED, what);
        if (permit.generation() != now.generation()) {
            released(permit);
        } else if (permit.failureUnlessDecisive(failure)) {
            counted(failure);
        } else {
            return isGuilty -> {
                if (isGuilty) {
                    blamed(permit, failure);
                } else {
                    released(permit);
                }
            };
        }
        return null;
    }

    /** Lets nobody in until it is told otherwise. */
    void forceOpen() {
        lastFailure = "an operator said so";
        breaker.forceOpen();
    }

    /** The breaker itself, for whoever finds out that it may probe, or gives it other orders. */
    Breaker breaker() {
        return breaker;
    }

    BreakerState state() {
        return breaker.state();
    }

    BreakerSnapshot snapshot() {
        return breaker.snapshot();
    }

    /** The last failure that was counted. */
    String lastFailure() {
        return lastFailure;
    }

    long transitionsTo(BreakerState state) {
        return transitions.of(state);
    }

    /** Why nobody is let in; {@code null} when somebody may be. */
    @Nullable
    String unavailability() {
        return switch (breaker.state()) {
            case OPEN -> "breaker open after: " + lastFailure;
            case HALF_OPEN -> "probed at the moment";
            case CLOSED -> null;
        };
    }

    @Override
    public void onTransition(BreakerState from, BreakerState to, long generation) {
        transitions.count(to);
        LoggingEventBuilder line = log.atInfo()
                .addKeyValue("upstream", upstream)
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("breaker", to);
        switch (to) {
            case OPEN -> {
                String reason = Printable.of(lastFailure);
                line.addKeyValue("reason", reason)
                        .log("upstream {}: {}: breaker open after: {}", upstream, endpoint, reason);
            }
            case HALF_OPEN -> line.log("upstream {}: {}: breaker half-open, probing", upstream, endpoint);
            case CLOSED -> line.log("upstream {}: {}: breaker closed", upstream, endpoint);
        }
        onTransition.accept(to);
    }

    private void ended() {
        if (breaker.state() == BreakerState.HALF_OPEN) {
            onRoom.run();
        }
    }
}
