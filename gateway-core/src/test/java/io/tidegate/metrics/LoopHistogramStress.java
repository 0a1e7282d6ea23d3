package io.tidegate.metrics;

import org.HdrHistogram.Histogram;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A flip while a loop records, and a barrier that the loop may have passed or not: if so, each value is in one interval, whole,
 * and none is in both or in none. Results: values in the first interval, according to their number and to the buckets, and their
 * sum, or -1 where the barrier isn't passed; values in both intervals.
 */
@JCStressTest
@State
@Outcome(
        id = {"0, 0, 0, 2", "1, 1, 1, 2", "2, 2, 3, 2"},
        expect = Expect.ACCEPTABLE)
@Outcome(id = "-1, -1, -1, 2", expect = Expect.ACCEPTABLE, desc = "not to be read yet")
@Outcome(expect = Expect.FORBIDDEN)
public class LoopHistogramStress {

    private static final HistogramRange SMALL = new HistogramRange(1, 2, 1);

    private final LoopHistogram loop = new LoopHistogram(new Recording(SMALL));
    private volatile boolean atRest;
    private Recording first = new Recording(SMALL);

    @Actor
    public void loop() {
        loop.record(1);
        loop.record(2);
        atRest = true;
    }

    @Actor
    public void owner(IIII_Result result) {
        first = loop.flip(new Recording(SMALL));
        boolean passed = atRest;
        result.r1 = passed ? (int) first.values() : -1;
        result.r2 = passed ? inBuckets(first) : -1;
        result.r3 = passed ? (int) first.tallies().sum() : -1;
    }

    @Arbiter
    public void rest(IIII_Result result) {
        result.r4 = inBuckets(first) + inBuckets(loop.flip(new Recording(SMALL)));
    }

    private static int inBuckets(Recording recording) {
        Histogram counts = SMALL.accumulator();
        recording.addTo(counts);
        return (int) counts.getTotalCount();
    }
}
