package io.tidegate.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.tidegate.breaker.Generation.Counted;
import io.tidegate.breaker.Permit.Outcome;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state machine of a {@link Breaker}: generations that follow one another, each with an engine of its own.
 *
 * <p><b>Threads:</b> any; a transition is one compare-and-set, and whoever succeeds in it tells the listener.
 */
final class Circuit {

    private static final Logger log = LoggerFactory.getLogger(Circuit.class);

    private static final AtomicReferenceFieldUpdater<Circuit, Generation> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(Circuit.class, Generation.class, "current");

    /** The engine's default makes one for each failure. */
    private static final CircuitBreakerConfig.TransitionCheckResult NO_TRANSITION =
            CircuitBreakerConfig.TransitionCheckResult.noTransition();

    /** What engines are told instead of the cause, which they have no use for. */
    final Throwable failed = new Failed();

    private final String name;
    private final Ticker ticker;
    private final Predicate<? super Throwable> isFailure;
    private final BreakerListener listener;
    private final Runnable opened;

    private final CircuitBreakerConfig closed;
    private final CircuitBreakerConfig halfOpen;
    private final CircuitBreakerConfig forcedClosed;
    private final boolean timed;
    private final long openNanos;
    private final long lostNanos;

    private volatile Generation current;
    private final LongAdder rejected = new LongAdder();
    private final LongAdder late = new LongAdder();

    /** @param opened called after it has opened, other than by force: somebody may want to look again in time */
    Circuit(
            String name,
            BreakerConfig config,
            Ticker ticker,
            Predicate<? super Throwable> isFailure,
            BreakerListener listener,
            Runnable opened) {
        this.name = name;
        this.ticker = ticker;
        this.isFailure = isFailure;
        this.listener = listener;
        this.opened = opened;
        this.closed = engineConfig(config, CircuitBreaker.State.CLOSED, config.window(), config.minimumCalls());
        // All probes are judged together, however few results are enough when closed.
        this.halfOpen =
                engineConfig(config, CircuitBreaker.State.HALF_OPEN, config.halfOpenCalls(), config.halfOpenCalls());
        this.forcedClosed =
                engineConfig(config, CircuitBreaker.State.METRICS_ONLY, config.window(), config.minimumCalls());
        this.timed = !config.slowCallDuration().isZero();
        this.openNanos = config.openFor().toNanos();
        this.lostNanos = config.halfOpenFor().toNanos();
        this.current =
                new Generation(this, 0, BreakerState.CLOSED, false, ticker.nanos(), engine(closed), Counted.NOTHING);
    }

    private static CircuitBreakerConfig engineConfig(
            BreakerConfig config, CircuitBreaker.State state, int window, int minimum) {
        return CircuitBreakerConfig.custom()
                .initialState(state)
                .failureRateThreshold(percent(config.failureRate()))
                .slowCallRateThreshold(percent(config.slowCallRate()))
                .slowCallDurationThreshold(
                        config.slowCallDuration().isZero() ? Duration.ofDays(365) : config.slowCallDuration())
                .slidingWindow(window, minimum, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .permittedNumberOfCallsInHalfOpenState(config.halfOpenCalls())
                .transitionOnResult(any -> NO_TRANSITION)
                // An engine that opened has done its work; it must not go on to half-open on its own.
                .waitDurationInOpenState(Duration.ofDays(365))
                .build();
    }

    private static float percent(double rate) {
        return Math.max(Float.MIN_VALUE, (float) (rate * 100));
    }

    private CircuitBreaker engine(CircuitBreakerConfig config) {
        return CircuitBreaker.of(name, config);
    }

    @Nullable
    Permit tryAcquire() {
        Generation generation = current;
        return generation.state == BreakerState.CLOSED
                ? new Permit(generation, timed ? ticker.nanos() : 0)
                : tryProbe(ticker.nanos());
    }

    private @Nullable Permit tryProbe(long now) {
        Generation generation = atPresent(now);
        if (generation.state == BreakerState.CLOSED
                || (generation.state == BreakerState.HALF_OPEN && generation.tryProbe(now, lostNanos))) {
            return new Permit(generation, now);
        }
        rejected.increment();
        try {
            listener.onRejected();
        } catch (Throwable e) {
            listenerFailed(e);
        }
        return null;
    }

    /** The generation there is at {@code now}, after a transition if it is time for one. */
    private Generation atPresent(long now) {
        Generation generation = current;
        if (generation.state == BreakerState.OPEN && !generation.forced && waitNanos(generation, now) <= 0) {
            move(generation, BreakerState.HALF_OPEN, false, now, engine(halfOpen), Counted.NOTHING);
            return current;
        }
        return generation;
    }

    private long waitNanos(Generation generation, long now) {
        return generation.sinceNanos + openNanos - now;
    }

    /** The generation's engine has come to a judgement. */
    void judged(Generation generation, CircuitBreaker.State engineState) {
        long now = ticker.nanos();
        if (engineState == CircuitBreaker.State.CLOSED) {
            move(generation, BreakerState.CLOSED, false, now, engine(closed), Counted.NOTHING);
        } else {
            move(generation, BreakerState.OPEN, false, now, null, generation.read());
        }
    }

    /** The generation can't come to a judgement any more. */
    void open(Generation generation, long now) {
        move(generation, BreakerState.OPEN, false, now, null, generation.counted());
    }

    void forceOpen() {
        while (true) {
            Generation generation = current;
            if (generation.forced && generation.state == BreakerState.OPEN) {
                return;
            }
            if (move(generation, BreakerState.OPEN, true, ticker.nanos(), null, generation.counted())) {
                return;
            }
        }
    }

    void forceClosed() {
        while (true) {
            Generation generation = current;
            if (generation.forced && generation.state == BreakerState.CLOSED) {
                return;
            }
            if (move(generation, BreakerState.CLOSED, true, ticker.nanos(), engine(forcedClosed), Counted.NOTHING)) {
                return;
            }
        }
    }

    void automatic() {
        Generation generation = current;
        while (generation.forced
                && !move(generation, BreakerState.CLOSED, false, ticker.nanos(), engine(closed), Counted.NOTHING)) {
            generation = current;
        }
    }

    void probeNow() {
        Generation generation = current;
        if (generation.state == BreakerState.OPEN && !generation.forced) {
            // Who comes between has moved it on himself, and knows better.
            move(generation, BreakerState.HALF_OPEN, false, ticker.nanos(), engine(halfOpen), Counted.NOTHING);
        }
    }

    private boolean move(
            Generation from,
            BreakerState state,
            boolean forced,
            long now,
            @Nullable CircuitBreaker engine,
            Counted counted) {
        Generation to = new Generation(this, from.number + 1, state, forced, now, engine, counted);
        if (!CURRENT.compareAndSet(this, from, to)) {
            return false;
        }
        if (from.state != state) {
            log.debug("breaker {}: {} after {}", name, state, from.state);
            try {
                listener.onTransition(from.state, state, to.number);
            } catch (Throwable e) {
                listenerFailed(e);
            }
        }
        if (state == BreakerState.OPEN && !forced) {
            opened.run();
        }
        return true;
    }

    boolean isCurrent(Generation generation) {
        return current == generation;
    }

    boolean isFailure(Throwable cause) {
        try {
            return isFailure.test(cause);
        } catch (Throwable e) {
            log.warn("breaker {}: what decides about failures failed itself; {} counts as one", name, cause, e);
            return true;
        }
    }

    void late(Generation generation, Outcome outcome) {
        if (outcome == Outcome.RELEASE) {
            return;
        }
        late.increment();
        try {
            listener.onLateResult(outcome == Outcome.SUCCESS, generation.number);
        } catch (Throwable e) {
            listenerFailed(e);
        }
    }

    private void listenerFailed(Throwable e) {
        log.warn("breaker {}: its listener failed", name, e);
    }

    /** How long a call took; 0 if that makes no difference, as it costs more than all the rest to know. */
    long nanosSince(long startNanos) {
        return timed ? ticker.nanos() - startNanos : 0;
    }

    BreakerState state() {
        return atPresent(ticker.nanos()).state;
    }

    /** Whether it is open, and will go on from there by itself. */
    boolean isWaiting() {
        Generation generation = atPresent(ticker.nanos());
        return generation.state == BreakerState.OPEN && !generation.forced;
    }

    /** As {@link Breaker#untilProbe()}; 0 if it isn't open. */
    long untilProbeNanos() {
        return untilProbeNanos(current, ticker.nanos());
    }

    private long untilProbeNanos(Generation generation, long now) {
        if (generation.state != BreakerState.OPEN) {
            return 0;
        }
        return generation.forced ? openNanos : Math.max(0, waitNanos(generation, now));
    }

    BreakerSnapshot snapshot() {
        long now = ticker.nanos();
        Generation generation = atPresent(now);
        Counted counted = generation.counted();
        return new BreakerSnapshot(
                generation.state,
                generation.forced,
                generation.number,
                counted.failureRate(),
                counted.slowCallRate(),
                counted.calls(),
                rejected.sum(),
                late.sum(),
                Duration.ofNanos(Math.max(0, now - generation.sinceNanos)),
                Duration.ofNanos(untilProbeNanos(generation, now)));
    }

    private static final class Failed extends Exception {

        private static final long serialVersionUID = 1;

        Failed() {
            super(null, null, false, false);
        }
    }
}
