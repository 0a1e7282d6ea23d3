package io.tidegate.breaker;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A permit that two threads end counts once, as what one of them says, and nothing that another call says gets lost. */
@JCStressTest
@State
@Outcome(
        id = {"2, 0, 0", "2, 1, 0"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class PermitStress {

    private final Circuit circuit = new Circuit(
            "stress",
            BreakerConfig.DEFAULTS.withWindow(10, 10).withHalfOpen(1, Duration.ZERO),
            Ticker.system(),
            cause -> true,
            BreakerListener.NONE,
            () -> {});
    private final Permit shared = Objects.requireNonNull(circuit.tryAcquire());
    private final Permit other = Objects.requireNonNull(circuit.tryAcquire());

    @Actor
    public void one() {
        shared.success();
    }

    @Actor
    public void two() {
        shared.timeout();
        other.success();
    }

    @Arbiter
    public void count(III_Result result) {
        BreakerSnapshot snapshot = circuit.snapshot();
        result.r1 = snapshot.calls();
        result.r2 = (int) Math.round(snapshot.failureRate() * snapshot.calls());
        result.r3 = (int) snapshot.late();
    }
}
