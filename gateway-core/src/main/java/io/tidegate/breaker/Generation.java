package io.tidegate.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.tidegate.breaker.Permit.Outcome;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A breaker between two transitions: its state, and the engine that counts the results of the calls it let in.
 *
 * <p>The engine keeps its window under a lock. A thread that found it taken would be parked, which an event loop must not
 * be; so the engine's window is touched inside a gate only, which lets one in and has the others leave their results in a
 * queue, to be counted by the one inside on its way out.
 */
final class Generation {

    private static final MethodHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup()
                    .findVirtual(
                            Generation.class, "doCount", MethodType.methodType(void.class, Outcome.class, long.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * {@link #doCount}, by a way that the JIT compiler doesn't inline, as this is no constant to it. The engine compiles to so
     * much code that whatever it is inlined into is too big to be inlined itself; and where the end of a permit isn't, the
     * permit goes to the heap.
     */
    private final MethodHandle count = COUNT;

    final Circuit circuit;
    final long number;
    final BreakerState state;
    final boolean forced;
    final long sinceNanos;

    /** None when open, as there are no calls then. */
    private final @Nullable CircuitBreaker engine;

    private final Queue<Deferred> deferred = new ConcurrentLinkedQueue<>();

    /** One for whoever is inside the gate, and one for each deferred result. */
    private final AtomicInteger work = new AtomicInteger();

    private volatile Counted counted;

    /** Threads that are asking for a probe at the moment. */
    private final AtomicInteger asking = new AtomicInteger();

    private volatile long lastProbeNanos;

    /** @param counted what to show until something was counted */
    Generation(
            Circuit circuit,
            long number,
            BreakerState state,
            boolean forced,
            long sinceNanos,
            @Nullable CircuitBreaker engine,
            Counted counted) {
        this.circuit = circuit;
        this.number = number;
        this.state = state;
        this.forced = forced;
        this.sinceNanos = sinceNanos;
        this.engine = engine;
        this.counted = counted;
        this.lastProbeNanos = sinceNanos;
    }

    /**
     * Whether another probe may go out.
     *
     * @param lostNanos all probes are out, and the last for so long that they are taken for lost: ends the generation; 0: never
     */
    boolean tryProbe(long nowNanos, long lostNanos) {
        asking.incrementAndGet();
        try {
            if (engine != null && engine.tryAcquirePermission()) {
                lastProbeNanos = nowNanos;
                return true;
            }
            // Who took the last probe before this thread came has noted when, or is still asking.
            if (lostNanos > 0 && asking.get() == 1 && nowNanos - lastProbeNanos >= lostNanos) {
                circuit.open(this, nowNanos);
            }
            return false;
        } finally {
            asking.decrementAndGet();
        }
    }

    /** Whether the caller is in now, and has to {@link #leave()}. */
    boolean enter() {
        return work.compareAndSet(0, 1);
    }

    void leave() {
        if (work.decrementAndGet() > 0) {
            drain();
        }
    }

    /** Leaves a result to whoever is inside. */
    void defer(Permit permit, Outcome outcome, long nanos) {
        defer(new Deferred(permit, outcome, nanos));
    }

    private void defer(Deferred result) {
        deferred.add(result);
        if (work.getAndIncrement() == 0) {
            drain();
        }
    }

    private void drain() {
        do {
            Deferred next = deferred.poll();
            if (next != null) {
                next.run(this);
            }
        } while (work.decrementAndGet() > 0);
    }

    /** Counts a result; inside the gate. */
    void count(Outcome outcome, long nanos) {
        try {
            count.invokeExact(this, outcome, nanos);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    void doCount(Outcome outcome, long nanos) {
        CircuitBreaker engine = this.engine;
        if (engine == null || !circuit.isCurrent(this)) {
            circuit.late(this, outcome);
            return;
        }
        CircuitBreaker.State before = engine.getState();
        if (outcome == Outcome.SUCCESS) {
            engine.onSuccess(nanos, TimeUnit.NANOSECONDS);
        } else if (outcome == Outcome.FAILURE) {
            engine.onError(nanos, TimeUnit.NANOSECONDS, circuit.failed);
        } else {
            engine.releasePermission();
        }
        CircuitBreaker.State after = engine.getState();
        if (after != before) {
            circuit.judged(this, after);
        }
    }

    /** Whether one more failure would end this generation, if not now then when the minimum of calls is reached; inside the gate. */
    boolean isNextFailureDecisive() {
        CircuitBreaker engine = this.engine;
        if (engine == null || forced || !circuit.isCurrent(this)) {
            return false;
        }
        if (state == BreakerState.HALF_OPEN) {
            return true;
        }
        CircuitBreaker.Metrics metrics = engine.getMetrics();
        CircuitBreakerConfig config = engine.getCircuitBreakerConfig();
        int calls = Math.min(metrics.getNumberOfBufferedCalls() + 1, config.getSlidingWindowSize());
        int judged = Math.max(calls, config.getMinimumNumberOfCalls());
        // As the engine reckons it.
        return (metrics.getNumberOfFailedCalls() + 1) * 100.0f / judged >= config.getFailureRateThreshold();
    }

    /** What was counted up to about now: somebody inside the gate may not have got round to the very last. */
    Counted counted() {
        if (engine != null) {
            defer(Deferred.READING);
        }
        return counted;
    }

    /** Reads the engine; inside the gate. */
    Counted read() {
        if (engine != null) {
            CircuitBreaker.Metrics metrics = engine.getMetrics();
            counted = new Counted(
                    metrics.getNumberOfBufferedCalls(),
                    metrics.getNumberOfFailedCalls(),
                    metrics.getNumberOfSlowCalls());
        }
        return counted;
    }

    /** Results in the window. */
    record Counted(int calls, int failed, int slow) {

        static final Counted NOTHING = new Counted(0, 0, 0);

        double failureRate() {
            return calls == 0 ? 0 : (double) failed / calls;
        }

        double slowCallRate() {
            return calls == 0 ? 0 : (double) slow / calls;
        }
    }

    /** What somebody who found the gate taken wanted inside. */
    private record Deferred(@Nullable Permit permit, Outcome outcome, long nanos) {

        static final Deferred READING = new Deferred(null, Outcome.RELEASE, 0);

        void run(Generation generation) {
            if (permit == null) {
                generation.read();
            } else {
                permit.endInside(outcome, nanos);
            }
        }
    }
}
