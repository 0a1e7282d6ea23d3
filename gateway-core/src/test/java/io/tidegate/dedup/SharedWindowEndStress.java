package io.tidegate.dedup;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Of a commit and a release of one ticket, as when a send completes while it is cancelled, exactly one counts. */
@JCStressTest
@State
@Outcome(id = "true, false, true", expect = Expect.ACCEPTABLE, desc = "Committed, and remembered.")
@Outcome(id = "false, true, false", expect = Expect.ACCEPTABLE, desc = "Released, and unknown.")
@Outcome(expect = Expect.FORBIDDEN)
public class SharedWindowEndStress {

    private final DedupWindow window = DedupWindow.shared(new DedupConfig(Duration.ofDays(1), 4));
    private final long ticket = window.reserve(1, 2);

    @Actor
    public void commit(ZZZ_Result result) {
        result.r1 = window.commit(ticket);
    }

    @Actor
    public void release(ZZZ_Result result) {
        result.r2 = window.release(ticket);
    }

    @Arbiter
    public void inTheEnd(ZZZ_Result result) {
        result.r3 = window.reserve(1, 2) == DedupWindow.DUPLICATE;
    }
}
