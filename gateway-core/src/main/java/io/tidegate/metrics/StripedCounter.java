package io.tidegate.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * A counter that every event loop writes in a cell of its own, and any thread sums up.
 *
 * <p>Cells lie 128 bytes apart, so that no two loops write to one cache line, nor to one of the pairs of lines that
 * processors fetch together; {@link LoopCounter}s of different loops may end up side by side.
 *
 * <p><b>Threads:</b> {@link #add} for one loop by that loop alone, wait-free, without a locked instruction or a fence;
 * the rest by any. <b>Memory ordering:</b> opaque, as in {@link LoopCounter}: a sum taken while the loops count on never
 * falls, and is between what was counted before it began and when it ended. <b>Memory:</b> 168 bytes, and 128 for each loop.
 */
public final class StripedCounter implements Series<CounterSnapshot> {

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** 128 bytes, in longs. */
    private static final int STRIDE = 16;

    private final int loops;
    /** A cell per loop, each after a stretch that nobody uses; another such stretch follows the last. */
    private final long[] cells;

    /** @param loops how many event loops write; at least 1 */
    public StripedCounter(int loops) {
        if (loops < 1) {
            throw new IllegalArgumentException("loops: " + loops + " (expected: >= 1)");
        }
        this.loops = loops;
        this.cells = new long[(loops + 1) * STRIDE];
    }

    /**
     * Counts.
     *
     * @param loop the number of the event loop that calls, from 0
     * @param amount not negative
     */
    public void add(int loop, long amount) {
        int at = cell(loop);
        CELL.setOpaque(cells, at, cells[at] + amount);
    }

    /** Counts one; see {@link #add}. */
    public void increment(int loop) {
        add(loop, 1);
    }

    /** What all loops have counted so far. */
    public long sum() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            sum += (long) CELL.getOpaque(cells, cell(loop));
        }
        return sum;
    }

    @Override
    public long activity() {
        return sum();
    }

    @Override
    public CounterSnapshot snapshot() {
        return new CounterSnapshot(sum());
    }

    private int cell(int loop) {
        return (Objects.checkIndex(loop, loops) + 1) * STRIDE;
    }
}
