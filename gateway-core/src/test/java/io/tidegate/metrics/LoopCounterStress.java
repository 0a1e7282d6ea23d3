package io.tidegate.metrics;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A reader of a counter sees whole values, and never an earlier one after a later one. */
@JCStressTest
@State
@Outcome(
        id = {"0, 0", "0, 1", "0, 4294967297", "1, 1", "1, 4294967297", "4294967297, 4294967297"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class LoopCounterStress {

    private static final long BOTH_HALVES = 1L << 32;

    private final LoopCounter counter = new LoopCounter();

    @Actor
    public void writer() {
        counter.add(1);
        counter.add(BOTH_HALVES);
    }

    @Actor
    public void reader(JJ_Result result) {
        result.r1 = counter.get();
        result.r2 = counter.get();
    }
}
