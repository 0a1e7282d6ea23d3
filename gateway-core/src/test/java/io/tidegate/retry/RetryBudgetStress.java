package io.tidegate.retry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One token is there and one comes meanwhile: of three takes two get one, whoever is first. No token is given twice, no
 * deposit is lost.
 */
@JCStressTest
@State
@Outcome(
        id = {"0, 2, 0", "1, 1, 0"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class RetryBudgetStress {

    private final RetryBudget budget = RetryBudget.of(1, 1, 10, () -> Long.MAX_VALUE);

    @Actor
    public void depositorAndTaker(III_Result result) {
        budget.deposit();
        result.r1 = take();
    }

    @Actor
    public void taker(III_Result result) {
        result.r2 = take() + take();
    }

    @Arbiter
    public void afterwards(III_Result result) {
        result.r3 = (int) budget.available();
    }

    private int take() {
        return budget.tryTake() ? 1 : 0;
    }
}
