package io.tidegate.queue;

import org.jspecify.annotations.Nullable;

/**
 * Deliveries in a row, linked through themselves; each is in one line at most and knows in which.
 *
 * <p><b>Threads:</b> one at a time.
 */
final class Line<T> {

    private @Nullable Delivery<T> first;
    private @Nullable Delivery<T> last;
    /** The first one that doesn't outlast its deadline. */
    private @Nullable Delivery<T> mortal;

    private int count;
    private long bytes;

    @Nullable
    Delivery<T> first() {
        return first;
    }

    @Nullable
    Delivery<T> last() {
        return last;
    }

    /** The first one with a deadline, as of when it was put here. */
    @Nullable
    Delivery<T> firstToExpire() {
        return mortal;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    void append(Delivery<T> delivery) {
        insertBefore(null, delivery);
    }

    /**
     * Puts a delivery where its sequence belongs. Searches from {@code near} on, or from the first one if that is not in this
     * line.
     */
    void insert(Delivery<T> delivery, @Nullable Delivery<T> near) {
        Delivery<T> next = near != null && near.line == this ? near : first;
        while (next != null && next.sequence < delivery.sequence) {
            next = next.next;
        }
        Delivery<T> previous = next == null ? last : next.previous;
        while (previous != null && previous.sequence > delivery.sequence) {
            next = previous;
            previous = previous.previous;
        }
        insertBefore(next, delivery);
    }

    void remove(Delivery<T> delivery) {
        if (delivery == mortal) {
            mortal = delivery.next;
            while (mortal != null && mortal.lasts) {
                mortal = mortal.next;
            }
        }
        if (delivery.previous == null) {
            first = delivery.next;
        } else {
            delivery.previous.next = delivery.next;
        }
        if (delivery.next == null) {
            last = delivery.previous;
        } else {
            delivery.next.previous = delivery.previous;
        }
        delivery.previous = null;
        delivery.next = null;
        delivery.line = null;
        count--;
        bytes -= delivery.bytes;
    }

    private void insertBefore(@Nullable Delivery<T> next, Delivery<T> delivery) {
        Delivery<T> previous = next == null ? last : next.previous;
        delivery.previous = previous;
        delivery.next = next;
        delivery.line = this;
        if (previous == null) {
            first = delivery;
        } else {
            previous.next = delivery;
        }
        if (next == null) {
            last = delivery;
        } else {
            next.previous = delivery;
        }
        if (!delivery.lasts && (mortal == null || delivery.sequence < mortal.sequence)) {
            mortal = delivery;
        }
        count++;
        bytes += delivery.bytes;
    }
}
