package io.tidegate.breaker;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;

/**
 * The success of a call that was let in before the breaker opened, while the breaker opens and goes half-open: one would be
 * enough to close it, and it never does.
 */
@JCStressTest
@State
@Outcome(id = "HALF_OPEN, 0", expect = Expect.ACCEPTABLE, desc = "nothing counted since")
@Outcome(
        id = "OPEN, 2",
        expect = Expect.ACCEPTABLE,
        desc = "the failure was left to the other thread, which came to it when the time had passed")
@Outcome(expect = Expect.FORBIDDEN)
public class LateSuccessStress {

    private final ManualTicker ticker = new ManualTicker();
    private final Circuit circuit = new Circuit(
            "stress",
            BreakerConfig.DEFAULTS.withWindow(2, 1).withHalfOpen(1, Duration.ZERO),
            ticker,
            cause -> true,
            BreakerListener.NONE,
            () -> {});
    private final Permit slow = Objects.requireNonNull(circuit.tryAcquire());
    private final Permit failing = Objects.requireNonNull(circuit.tryAcquire());

    @Actor
    public void success() {
        slow.success();
    }

    @Actor
    public void failure() {
        failing.failure(new IOException());
        ticker.advance(Duration.ofSeconds(10));
        circuit.state();
    }

    @Arbiter
    public void state(LI_Result result) {
        BreakerSnapshot snapshot = circuit.snapshot();
        result.r1 = snapshot.state();
        result.r2 = snapshot.calls();
    }
}
