package io.tidegate.queue;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JZ_Result;

/** A snapshot balances whenever it is taken, and is never older than the one before. */
@JCStressTest
@State
@Outcome(
        id = {"0, true", "1, true", "2, true", "4, true"},
        expect = Expect.ACCEPTABLE)
@Outcome(expect = Expect.FORBIDDEN)
public class LedgerStress {

    private final Ledger ledger = new Ledger();

    @Actor
    public void writer() {
        ledger.queued();
        ledger.taken();
        ledger.left(true, Departure.DELIVERED);
        ledger.turnedAway(Departure.OVERFLOW);
        ledger.passed(2);
    }

    @Actor
    public void reader(JZ_Result result) {
        Accounting first = ledger.snapshot();
        Accounting second = ledger.snapshot();
        result.r1 = second.accepted();
        result.r2 = first.balanced() && second.balanced() && second.accepted() >= first.accepted();
    }
}
