package io.tidegate.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes that several queues may hold together. A budget may lie within another one (a route's within the process's): what is
 * reserved in it is reserved in all around it, or in none.
 *
 * <p>Why: ten thousand queues of 1 MiB each are 10 GiB, and no single one of them can tell.
 *
 * <p><b>Threads:</b> any; lock-free. A reservation that fails in an outer budget is visible in the inner one for a moment, so
 * that another one may fail there needlessly.
 */
public final class ByteBudget {

    /** Counts nothing and never ends. */
    public static final ByteBudget UNLIMITED = new ByteBudget(Long.MAX_VALUE);

    private static final Logger LOG = LoggerFactory.getLogger(ByteBudget.class);
    private static final int TIDY_AT_LEAST = 64;
    private static final VarHandle USED;

    static {
        try {
            USED = MethodHandles.lookup().findVarHandle(ByteBudget.class, "used", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long limit;
    private final @Nullable ByteBudget parent;
    private final long capacity;
    private final Queue<Wakeup> waiting = new ConcurrentLinkedQueue<>();
    /** Those in the line that wait no longer, since it was last tidied; about. */
    private final AtomicInteger cancelled = new AtomicInteger();
    /** How many make it worth while to tidy up. */
    private volatile int tidyAt = TIDY_AT_LEAST;

    private volatile long used;

    /**
     * Makes a budget of its own.
     *
     * @param limit bytes; &gt; 0
     */
    public ByteBudget(long limit) {
        this(limit, null);
    }

    /**
     * Makes a budget within another one.
     *
     * @param limit bytes; &gt; 0
     * @param parent the budget around it
     */
    public ByteBudget(long limit, @Nullable ByteBudget parent) {
        if (limit <= 0) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: > 0)");
        }
        this.limit = limit;
        this.parent = parent;
        this.capacity = parent == null ? limit : Math.min(limit, parent.capacity);
    }

    /** Bytes that are reserved; more than the {@link #limit()} after forced reservations. */
    public long used() {
        return used;
    }

    /** Bytes that this budget, the ones around it aside, is for. */
    public long limit() {
        return limit;
    }

    /** The smallest limit of this budget and those around it: what is larger never fits. */
    public long capacity() {
        return capacity;
    }

    /** Bytes that could be reserved now; negative after forced reservations. */
    public long room() {
        long room = Long.MAX_VALUE;
        for (ByteBudget level = this; level != null; level = level.parent) {
            room = Math.min(room, level.limit - level.used);
        }
        return room;
    }

    /** Whether any byte is left. */
    public boolean hasRoom() {
        return room() > 0;
    }

    /**
     * Reserves in this budget and all around it, or nowhere.
     *
     * @param bytes &gt;= 0
     * @return whether they are reserved
     */
    public boolean tryReserve(long bytes) {
        checkBytes(bytes);
        for (ByteBudget level = this; level != null; level = level.parent) {
            if (!level.tryAdd(bytes)) {
                release(bytes, level);
                return false;
            }
        }
        return true;
    }

    /**
     * Reserves, be there room or not: for what is in memory already.
     *
     * @param bytes &gt;= 0
     */
    public void reserveForced(long bytes) {
        checkBytes(bytes);
        for (ByteBudget level = this; level != null; level = level.parent) {
            if (level.counts()) {
                USED.getAndAdd(level, bytes);
            }
        }
    }

    /**
     * Gives back what was reserved. Wakes one of those that wait for room, if there is some now.
     *
     * @param bytes as they were reserved
     */
    public void release(long bytes) {
        checkBytes(bytes);
        release(bytes, null);
    }

    /** Has {@code wake} run when there is any room: {@link #awaitRoom(long, Runnable)} for a byte. */
    public Wakeup awaitRoom(Runnable wake) {
        return awaitRoom(1, wake);
    }

    /**
     * Has {@code wake} run, once, when there is room in all of this budget that has too little now; at once if nothing has.
     *
     * <p>Those that wait are woken one by one, in order: who was woken calls {@link #passOn()} as soon as it has seen to its
     * own needs, used the room or not. So room for one message does not wake ten thousand queues.
     *
     * @param bytes how much it takes; &gt;= 1. What is larger than a limit waits until nothing is reserved there
     * @param wake called by the thread that released bytes, or by this one; should do no more than to schedule
     */
    public Wakeup awaitRoom(long bytes, Runnable wake) {
        for (ByteBudget level = this; level != null; level = level.parent) {
            if (!level.isOpen(bytes)) {
                Wakeup wakeup = new Wakeup(wake, level, bytes);
                level.waiting.add(wakeup);
                level.wakeOne();
                return wakeup;
            }
        }
        Wakeup atOnce = new Wakeup(wake, this, bytes);
        atOnce.fire();
        return atOnce;
    }

    /** How many are in the line, some of whom may wait no longer. Takes time in proportion. */
    int waiting() {
        return waiting.size();
    }

    /** Wakes the next one that waits, here and in the budgets around, if there is room still. */
    public void passOn() {
        for (ByteBudget level = this; level != null; level = level.parent) {
            level.wakeOne();
        }
    }

    @Override
    public String toString() {
        return "ByteBudget{" + used + " of " + limit + (parent == null ? "" : ", within " + parent) + '}';
    }

    private void release(long bytes, @Nullable ByteBudget end) {
        for (ByteBudget level = this; level != null && level != end; level = level.parent) {
            if (level.counts()) {
                long before = (long) USED.getAndAdd(level, -bytes);
                if (before < bytes) {
                    USED.getAndAdd(level, bytes);
                    throw new IllegalStateException(
                            "released: " + bytes + " (expected: <= " + before + ", the reserved)");
                }
                level.wakeOne();
            }
        }
    }

    private boolean tryAdd(long bytes) {
        while (counts()) {
            long now = used;
            if (bytes > limit - now) {
                return false;
            }
            if (USED.compareAndSet(this, now, now + bytes)) {
                return true;
            }
        }
        return true;
    }

    private void wakeOne() {
        for (Wakeup first = waiting.peek(); first != null; first = waiting.peek()) {
            if (!first.isOver() && !isOpen(first.bytes)) {
                return;
            }
            // Another one than the first, if somebody was quicker: it looks for itself.
            Wakeup next = waiting.poll();
            if (next == null || next.fire()) {
                return;
            }
        }
    }

    /** Takes those out of the line that wait no longer, once they are as many as the others: nobody may come by for long. */
    private void tidy() {
        if (cancelled.incrementAndGet() >= tidyAt) {
            cancelled.set(0);
            waiting.removeIf(Wakeup::isOver);
            tidyAt = Math.max(TIDY_AT_LEAST, waiting.size());
        }
    }

    private boolean isOpen(long bytes) {
        return limit - used >= Math.min(bytes, limit);
    }

    private boolean counts() {
        return limit != Long.MAX_VALUE;
    }

    private static void checkBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
    }

    /** Somebody waiting for room. */
    public static final class Wakeup {

        private final AtomicReference<@Nullable Runnable> wake;

        private final ByteBudget level;
        private final long bytes;

        private Wakeup(Runnable wake, ByteBudget level, long bytes) {
            this.wake = new AtomicReference<>(wake);
            this.level = level;
            this.bytes = bytes;
        }

        /** Waits no longer; what would have been its turn is the next one's. */
        public void cancel() {
            if (wake.getAndSet(null) != null) {
                level.tidy();
                // It may have been the first, and the others need less.
                level.wakeOne();
            }
        }

        private boolean isOver() {
            return wake.get() == null;
        }

        private boolean fire() {
            Runnable action = wake.getAndSet(null);
            if (action == null) {
                return false;
            }
            try {
                action.run();
                return true;
            } catch (RuntimeException e) {
                LOG.warn("Could not wake a queue that waits for room", e);
                return false;
            }
        }
    }
}
