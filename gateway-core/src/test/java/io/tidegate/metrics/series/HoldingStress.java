package io.tidegate.metrics.series;

import io.tidegate.metrics.StripedCounter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/**
 * Somebody holds a series, records and lets go while a sweep retires it: one of the two comes first. Results: whether it
 * was held, whether it was retired in the same sweep, and what had been recorded when it was retired at last.
 */
@JCStressTest
@State
@Outcome(
        id = {"true, false, 1", "false, true, 0"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class HoldingStress {

    private final StripedCounter counter = new StripedCounter(1);
    private final Holding<StripedCounter> holding = new Holding<>(counter, 1);

    public HoldingStress() {
        holding.retireIfQuiet(0, 1);
    }

    @Actor
    public void loop(ZZI_Result result) {
        result.r1 = holding.hold();
        if (result.r1) {
            counter.increment(0);
            holding.release();
        }
    }

    @Actor
    public void sweep(ZZI_Result result) {
        result.r2 = holding.retireIfQuiet(1, 1);
    }

    @Arbiter
    public void later(ZZI_Result result) {
        if (!result.r2) {
            boolean retired = holding.retireIfQuiet(2, 1) || holding.retireIfQuiet(3, 1);
            result.r3 = retired ? (int) counter.sum() : -1;
        }
    }
}
