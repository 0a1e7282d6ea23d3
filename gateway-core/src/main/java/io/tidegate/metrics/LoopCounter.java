package io.tidegate.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter that one thread writes and any thread reads.
 *
 * <p><b>Threads:</b> {@link #add} by a single thread (an event loop), wait-free, without a locked instruction or a fence;
 * {@link #get} by any. <b>Memory ordering:</b> opaque: a reader sees each value whole, in the order it was written, and
 * eventually; two counters read one after the other may be some additions apart.
 */
public final class LoopCounter {

    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(LoopCounter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long value;

    /** Adds {@code amount}; only ever called by the one writer. */
    public void add(long amount) {
        VALUE.setOpaque(this, value + amount);
    }

    /** Adds one; only ever called by the one writer. */
    public void increment() {
        add(1);
    }

    /** What was counted so far. */
    public long get() {
        return (long) VALUE.getOpaque(this);
    }
}
