package io.tidegate.dedup;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/**
 * Of two threads that bring the same key one gets the ticket, and the other finds the key under way or remembered; its ticket
 * ends once, whoever uses it.
 */
@JCStressTest
@State
@Outcome(
        id = {"1, 0, 1", "1, -1, 1", "0, 1, 1", "-1, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One ticket, and the key is remembered in the end.")
@Outcome(expect = Expect.FORBIDDEN)
public class SharedWindowReserveStress {

    private final DedupWindow window = DedupWindow.shared(new DedupConfig(Duration.ofDays(1), 4));

    @Actor
    public void first(JJJ_Result result) {
        result.r1 = deliver();
    }

    @Actor
    public void second(JJJ_Result result) {
        result.r2 = deliver();
    }

    @Arbiter
    public void inTheEnd(JJJ_Result result) {
        result.r3 = window.reserve(1, 2) == DedupWindow.DUPLICATE && window.pending() == 0 ? 1 : 0;
    }

    private long deliver() {
        long ticket = window.reserve(1, 2);
        if (ticket > 0) {
            window.commit(ticket);
        }
        return Math.min(ticket, 1);
    }
}
