package io.tidegate.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the books of a queue, or of several on one thread, and hands out copies that balance at any moment.
 *
 * <p>A ledger may belong to another one, which then counts everything too: a session's to that of its route on the same
 * event loop, say. A total over several event loops is the sum of their snapshots.
 *
 * <p><b>Threads:</b> written by one at a time, together with the ledgers it belongs to; {@link #snapshot()} by any.
 * <b>Memory ordering:</b> a sequence lock: the writer is wait-free, without a locked instruction; a reader tries again while
 * it overlaps with a write, which is a few stores long.
 */
public final class Ledger {

    private static final int ACCEPTED = 0;
    private static final int QUEUED = 1;
    private static final int UNCONFIRMED = 2;
    private static final int LEFT = 3;
    private static final Departure[] DEPARTURES = Departure.values();

    private static final int DELIVERED = cell(Departure.DELIVERED);

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle VERSION;

    static {
        try {
            VERSION = MethodHandles.lookup().findVarHandle(Ledger.class, "version", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] cells = new long[LEFT + DEPARTURES.length];
    private final @Nullable Ledger parent;

    /** Odd while a write is under way. */
    private long version;

    /** Makes a ledger of its own. */
    public Ledger() {
        this(null);
    }

    /**
     * Makes a ledger whose entries count in another one, too.
     *
     * @param parent that one; written by the same thread
     */
    public Ledger(@Nullable Ledger parent) {
        this.parent = parent;
    }

    /** What the books say; always {@linkplain Accounting#balanced() balanced}. */
    public Accounting snapshot() {
        long[] copy = new long[cells.length];
        long before;
        do {
            before = awaitEven();
            for (int i = 0; i < copy.length; i++) {
                copy[i] = (long) CELL.getOpaque(cells, i);
            }
            VarHandle.loadLoadFence();
        } while ((long) VERSION.getOpaque(this) != before);
        Map<Departure, Long> dropped = new EnumMap<>(Departure.class);
        for (Departure reason : Departure.DROPS) {
            dropped.put(reason, copy[cell(reason)]);
        }
        return new Accounting(
                copy[ACCEPTED],
                copy[cell(Departure.DELIVERED)],
                copy[QUEUED],
                copy[UNCONFIRMED],
                copy[cell(Departure.EXPIRED)],
                copy[cell(Departure.DUPLICATE)],
                dropped);
    }

    /** One more, which waits. */
    void queued() {
        accepted(QUEUED);
    }

    /** One more, which left at once. */
    void turnedAway(Departure why) {
        accepted(cell(why));
    }

    /** Some more, which are delivered at once. */
    void passed(int count) {
        for (Ledger ledger = this; ledger != null; ledger = ledger.parent) {
            long[] books = ledger.begin();
            CELL.setOpaque(books, ACCEPTED, books[ACCEPTED] + count);
            CELL.setOpaque(books, DELIVERED, books[DELIVERED] + count);
            ledger.end();
        }
    }

    /** One that waited is taken. */
    void taken() {
        moved(QUEUED, UNCONFIRMED);
    }

    /** One that was taken waits again. */
    void requeued() {
        moved(UNCONFIRMED, QUEUED);
    }

    /** One that waited, or was taken, left. */
    void left(boolean wasTaken, Departure why) {
        moved(wasTaken ? UNCONFIRMED : QUEUED, cell(why));
    }

    private void accepted(int to) {
        for (Ledger ledger = this; ledger != null; ledger = ledger.parent) {
            long[] books = ledger.begin();
            CELL.setOpaque(books, ACCEPTED, books[ACCEPTED] + 1);
            CELL.setOpaque(books, to, books[to] + 1);
            ledger.end();
        }
    }

    private void moved(int from, int to) {
        for (Ledger ledger = this; ledger != null; ledger = ledger.parent) {
            long[] books = ledger.begin();
            CELL.setOpaque(books, from, books[from] - 1);
            CELL.setOpaque(books, to, books[to] + 1);
            ledger.end();
        }
    }

    private long[] begin() {
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
        return cells;
    }

    private void end() {
        VERSION.setRelease(this, version + 1);
    }

    private long awaitEven() {
        long seen;
        do {
            seen = (long) VERSION.getAcquire(this);
        } while ((seen & 1) != 0);
        return seen;
    }

    @SuppressWarnings("EnumOrdinal") // an index within this process
    private static int cell(Departure why) {
        return LEFT + why.ordinal();
    }
}
