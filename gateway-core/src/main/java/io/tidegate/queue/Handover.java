package io.tidegate.queue;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way from the books section of a {@link QueueDrain} to the reader, who is called in the delivery section.
 *
 * <pre>
 *           books: taken, there is demand            delivery: going to call the reader
 *   EMPTY ────────────────────────────────▶ READY ────────────────────────────────▶ CLAIMED
 *     ▲ ▲        books: taken back             │                                       │
 *     │ └──────────────────────────────────────┘             delivery: it was called,  │
 *     └───────────────────────────────────────── RETURNED ◀── or had cancelled ────────┘
 *                 books: confirmed or requeued
 * </pre>
 *
 * <p><b>Threads:</b> one in each section. Who leads out of a state owns the fields while it lasts; READY has two such, and
 * the swap decides.
 */
final class Handover<T> {

    private static final int EMPTY = 0;
    private static final int READY = 1;
    private static final int CLAIMED = 2;
    private static final int RETURNED = 3;

    private final AtomicInteger state = new AtomicInteger();
    private @Nullable Delivery<T> delivery;
    private @Nullable QueueReader<T> reader;
    private boolean received;

    boolean isEmpty() {
        return state.get() == EMPTY;
    }

    boolean isReady() {
        return state.get() == READY;
    }

    /** Books: puts a taken message up for its reader. Only while empty. */
    void put(Delivery<T> taken, QueueReader<T> to) {
        delivery = taken;
        reader = to;
        state.set(READY);
    }

    /** Books: takes it back, to be requeued; false while the reader is being called, or has been. */
    boolean takeBack() {
        if (state.compareAndSet(READY, EMPTY)) {
            clear();
        }
        return isEmpty();
    }

    /** Books: what came of the call, if there was one: not made, delivered, or to be confirmed later. */
    void settle(MessageQueue<T> queue) {
        Delivery<T> done = delivery;
        QueueReader<T> by = reader;
        if (state.get() == RETURNED && done != null && by != null) {
            if (!received) {
                queue.requeue(done);
            } else if (by.handsOver()) {
                queue.handOver(done);
            }
            clear();
            state.set(EMPTY);
        }
    }

    /** Delivery: calls the reader if there is something for it. */
    boolean deliver() {
        if (!state.compareAndSet(READY, CLAIMED)) {
            return false;
        }
        received = delivery != null && reader != null && reader.receive(delivery);
        state.set(RETURNED);
        return true;
    }

    private void clear() {
        delivery = null;
        reader = null;
    }
}
