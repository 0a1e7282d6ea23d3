package io.tidegate.breaker;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two threads ask when the wait is over: one generation follows, with one call of the listener, and never are two probes out
 * where one may be. The second may go when the first has been released.
 */
@JCStressTest
@State
@Outcome(
        id = {"1, 1, 2", "2, 1, 2", "3, 1, 2"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class ProbeStress {

    private final ManualTicker ticker = new ManualTicker();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger out = new AtomicInteger();
    private final AtomicInteger admitted = new AtomicInteger();
    private volatile boolean tooMany;
    private final Circuit circuit = new Circuit(
            "stress",
            BreakerConfig.DEFAULTS.withWindow(1, 1).withHalfOpen(1, Duration.ofMinutes(1)),
            ticker,
            cause -> true,
            new BreakerListener() {
                @Override
                public void onTransition(BreakerState from, BreakerState to, long generation) {
                    if (to == BreakerState.HALF_OPEN) {
                        told.incrementAndGet();
                    }
                }
            },
            () -> {});

    {
        Objects.requireNonNull(circuit.tryAcquire()).failure(new IOException());
        ticker.advance(Duration.ofSeconds(10));
    }

    @Actor
    public void releases() {
        for (int i = 0; i < 2; i++) {
            Permit permit = acquire();
            if (permit != null) {
                out.decrementAndGet();
                permit.release();
            }
        }
    }

    @Actor
    public void keeps() {
        acquire();
    }

    private @Nullable Permit acquire() {
        Permit permit = circuit.tryAcquire();
        if (permit != null) {
            admitted.incrementAndGet();
            if (out.incrementAndGet() > 1) {
                tooMany = true;
            }
        }
        return permit;
    }

    @Arbiter
    public void count(III_Result result) {
        result.r1 = tooMany ? -1 : admitted.get();
        result.r2 = told.get();
        result.r3 = (int) circuit.snapshot().generation();
    }
}
