package io.tidegate.retry;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * Of one token that is there and one that comes meanwhile, two takers and who looks afterwards get two, never three and
 * never one: no token is given twice, no deposit is lost.
 */
@JCStressTest
@State
@Outcome(
        id = {"true, true, false", "true, false, true", "false, true, true"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class RetryBudgetStress {

    private final RetryBudget budget = RetryBudget.of(1, 1, 10, () -> Long.MAX_VALUE);

    @Actor
    public void depositor() {
        budget.deposit();
    }

    @Actor
    public void taker(ZZZ_Result result) {
        result.r1 = budget.tryTake();
    }

    @Actor
    public void otherTaker(ZZZ_Result result) {
        result.r2 = budget.tryTake();
    }

    @Arbiter
    public void afterwards(ZZZ_Result result) {
        result.r3 = budget.tryTake();
    }
}
