package io.tidegate.breaker;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A circuit breaker: lets calls through as long as enough of them succeed, none for a while when too many fail, and then a
 * few probes to see whether things are better.
 *
 * <p>Use it as an operator, {@code source.transform(breaker::guard)}, or take a {@link Permit} for each call by hand.
 *
 * <p>What the guards have in common:
 *
 * <p><b>Signals:</b> leave is asked for with each subscription, before the source is subscribed to. If there is none, the
 * source is not subscribed to, and the error is a {@link BreakerOpenException}. An error of the source is a failure; what
 * doesn't pass {@link Builder#isFailure} doesn't count. Cancelling doesn't count either, nor does a downstream that throws:
 * that says something about the caller only. The result is counted before it is signalled, so that whoever tries again
 * finds the breaker in its new state (unless it met another result at that very moment, and is left to that one's thread).
 *
 * <p>A timeout further down, {@code source.transform(breaker::guard).timeout(d)}, arrives here as a cancel like any other;
 * Reactor has no way to tell them apart. For a timeout to be a failure, put it before the guard, or leave it to {@link
 * #guard(Mono, Duration)}.
 *
 * <p><b>Demand:</b> passed through; a timeout doesn't wait for it, so whoever guards with one asks in time.
 * <b>Ownership:</b> values pass untouched; one that comes after a cancel or timeout is given to the context's discard hook.
 * <b>State:</b> what is counted belongs to the breaker; the rest to the subscription.
 *
 * <p><b>Threads:</b> any; nothing here blocks, and the result of one call never waits for that of another.
 */
public final class Breaker {

    private static final Logger log = LoggerFactory.getLogger(Breaker.class);

    private final String name;
    private final Circuit circuit;
    private final @Nullable Scheduler scheduler;
    private final Disposable.Swap timer = Disposables.swap();

    private Breaker(Builder builder) {
        name = builder.name;
        scheduler = builder.scheduler;
        circuit = new Circuit(
                builder.name, builder.config, builder.ticker, builder.isFailure, builder.listener, this::wakeInTime);
    }

    /** A breaker with all else as by default. */
    public static Breaker of(String name, BreakerConfig config) {
        return builder(name).config(config).build();
    }

    /** Starts with all defaults. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** What it is called in errors and logs. */
    public String name() {
        return name;
    }

    /** Asks for leave to make one call. */
    public @Nullable Permit tryAcquire() {
        return circuit.tryAcquire();
    }

    /**
     * Guards a source of many values.
     *
     * <p><b>Signals:</b> as above; completion is the success, and how long it took until then decides whether it was slow.
     * Cancelling doesn't count even after a value: a stream that is left while it runs has neither succeeded nor failed. A
     * caller that wants one value of it guards that: {@code flux.next().transform(breaker::guard)}. As a probe is out for
     * as long as it runs, streams without an end are better guarded by a permit around their beginning.
     */
    public <T> Flux<T> guard(Flux<T> source) {
        return new FluxGuard<>(source, this, null);
    }

    /**
     * Guards a source of many values, and waits for the first signal only for so long.
     *
     * <p><b>Signals:</b> as {@link #guard(Flux)}; if neither a value nor the end has come {@code timeout} after the
     * subscription, the source is cancelled, which is a failure, and the error is a {@link TimeoutException}.
     *
     * @param timeout positive, at most 365 days
     */
    public <T> Flux<T> guard(Flux<T> source, Duration timeout) {
        return new FluxGuard<>(source, this, positive(timeout));
    }

    /**
     * Guards a source of one value.
     *
     * <p><b>Signals:</b> as above; the value, or completion without one, is the success.
     */
    public <T> Mono<T> guard(Mono<T> source) {
        return new MonoGuard<>(source, this, null);
    }

    /**
     * Guards a source of one value, and waits for it only for so long.
     *
     * <p><b>Signals:</b> as {@link #guard(Mono)}; if neither the value nor the end has come {@code timeout} after the
     * subscription, the source is cancelled, which is a failure, and the error is a {@link TimeoutException}.
     *
     * @param timeout positive, at most 365 days
     */
    public <T> Mono<T> guard(Mono<T> source, Duration timeout) {
        return new MonoGuard<>(source, this, positive(timeout));
    }

    /** Keeps it open, without probes, until {@link #forceClosed()} or {@link #automatic()}. */
    public void forceOpen() {
        circuit.forceOpen();
    }

    /** Keeps it closed, whatever is counted, until {@link #forceOpen()} or {@link #automatic()}. */
    public void forceClosed() {
        circuit.forceClosed();
    }

    /** Lets it decide again, beginning closed and with an empty window; nothing if it wasn't forced. */
    public void automatic() {
        circuit.automatic();
    }

    /**
     * Ends its wait early when it is open: goes half-open now, because something else has found out that what it guards is
     * back. Nothing if it isn't open, or was forced open.
     */
    public void probeNow() {
        circuit.probeNow();
    }

    /** What it does with calls now. */
    public BreakerState state() {
        return circuit.state();
    }

    /**
     * How long to wait before asking for leave makes sense: the rest of its wait when open, zero otherwise. When forced open,
     * {@link BreakerConfig#openFor()}, since nobody knows: ask again then.
     */
    public Duration untilProbe() {
        return Duration.ofNanos(circuit.untilProbeNanos());
    }

    /** What it is now. Rates may lag behind results that are being counted at this very moment. */
    public BreakerSnapshot snapshot() {
        return circuit.snapshot();
    }

    BreakerOpenException rejection() {
        return new BreakerOpenException(name, untilProbe());
    }

    /** Runs {@code action} after {@code timeout}. */
    Disposable after(Duration timeout, Runnable action) {
        return scheduler().schedule(action, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The newest default, not that of the time of building: virtual time replaces it. */
    private Scheduler scheduler() {
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    /** Sees to it that it leaves open when the wait is over, also when nobody calls. */
    private void wakeInTime() {
        try {
            timer.update(scheduler().schedule(this::wake, circuit.untilProbeNanos(), TimeUnit.NANOSECONDS));
        } catch (RuntimeException e) {
            log.warn("breaker {}: no timer, so it stays open until the first call after its wait", name, e);
        }
    }

    private void wake() {
        // Early by this clock, or woken for an earlier generation.
        if (circuit.isWaiting()) {
            wakeInTime();
        }
    }

    private static Duration positive(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: > 0)");
        }
        if (timeout.compareTo(BreakerConfig.LONGEST) > 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: <= 365 days)");
        }
        return timeout;
    }

    /** What a breaker is made of. */
    public static final class Builder {

        private final String name;
        private BreakerConfig config = BreakerConfig.DEFAULTS;
        private Predicate<? super Throwable> isFailure = cause -> true;
        private BreakerListener listener = BreakerListener.NONE;
        private Ticker ticker = Ticker.system();
        private @Nullable Scheduler scheduler;

        private Builder(String name) {
            this.name = name;
        }

        /** When it opens and closes; {@link BreakerConfig#DEFAULTS} by default. */
        public Builder config(BreakerConfig config) {
            this.config = config;
            return this;
        }

        /** Which errors are failures, the others don't count; by default all are. If it throws, the error is one. */
        public Builder isFailure(Predicate<? super Throwable> isFailure) {
            this.isFailure = isFailure;
            return this;
        }

        /** Who is told; nobody by default. */
        public Builder listener(BreakerListener listener) {
            this.listener = listener;
            return this;
        }

        /** Its time; the machine's by default. */
        public Builder ticker(Ticker ticker) {
            this.ticker = ticker;
            return this;
        }

        /** Where timeouts fire and where it leaves open; {@link Schedulers#parallel()} by default. */
        public Builder scheduler(Scheduler scheduler) {
            this.scheduler = scheduler;
            return this;
        }

        /** The breaker, closed. */
        public Breaker build() {
            return new Breaker(this);
        }
    }
}
