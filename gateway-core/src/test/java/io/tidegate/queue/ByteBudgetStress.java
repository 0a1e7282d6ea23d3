package io.tidegate.queue;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/**
 * Two routes of one process reserve all that it has, and give it back if they got it; then one of them waits for room. Nothing
 * is left reserved, and who waits is woken.
 */
@JCStressTest
@State
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "all released, woken once")
@Outcome(expect = Expect.FORBIDDEN)
public class ByteBudgetStress {

    private final ByteBudget process = new ByteBudget(10);
    private final ByteBudget one = new ByteBudget(10, process);
    private final ByteBudget other = new ByteBudget(10, process);
    private final AtomicLong woken = new AtomicLong();

    @Actor
    public void reserves() {
        reserveAndRelease(one);
    }

    @Actor
    public void reservesAndWaits() {
        reserveAndRelease(other);
        process.awaitRoom(woken::incrementAndGet);
    }

    @Arbiter
    public void end(JJJ_Result result) {
        result.r1 = process.used();
        result.r2 = one.used() + other.used();
        result.r3 = woken.get();
    }

    private static void reserveAndRelease(ByteBudget budget) {
        if (budget.tryReserve(10)) {
            budget.release(10);
        }
    }
}
