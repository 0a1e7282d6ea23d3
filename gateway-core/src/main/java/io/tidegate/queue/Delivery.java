package io.tidegate.queue;

import org.jspecify.annotations.Nullable;

/**
 * One attempt to deliver a message: what a queue hands out, to be confirmed or requeued, once. Requeuing ends it, and the
 * next attempt is another {@code Delivery}: a late confirmation of an earlier attempt confirms nothing.
 *
 * <p><b>Ownership:</b> the message stays the queue's until the delivery is confirmed or handed over; who passes it on retains
 * it first.
 */
public final class Delivery<T> {

    final T message;
    final long bytes;
    final long sequence;
    final long offeredNanos;
    long takenNanos;
    int attempt;
    boolean lasts;

    @Nullable
    Line<T> line;

    @Nullable
    Delivery<T> previous;

    @Nullable
    Delivery<T> next;

    Delivery(T message, long bytes, long sequence, long offeredNanos) {
        this.message = message;
        this.bytes = bytes;
        this.sequence = sequence;
        this.offeredNanos = offeredNanos;
    }

    /** The same message, to be attempted again. */
    Delivery<T> again() {
        Delivery<T> again = new Delivery<>(message, bytes, sequence, offeredNanos);
        again.attempt = attempt;
        again.lasts = lasts;
        return again;
    }

    /** What is to be delivered. */
    public T message() {
        return message;
    }

    /** Its size, as it was offered. */
    public long bytes() {
        return bytes;
    }

    /** Its place among all messages of the queue: the first has 1. */
    public long sequence() {
        return sequence;
    }

    /** When it was offered, by the queue's ticker; its deadline is the TTL later, unless it {@linkplain #outlast outlasts} it. */
    public long offeredNanos() {
        return offeredNanos;
    }

    /**
     * Takes away its deadline: should it be requeued, it waits for as long as it takes. For a message that has arrived
     * somewhere and whose end somebody else decides on.
     */
    public void outlast() {
        lasts = true;
    }

    /** Which attempt this is; the first is 1. */
    public int attempt() {
        return attempt;
    }

    @Override
    public String toString() {
        return "Delivery{sequence=" + sequence + ", attempt=" + attempt + ", bytes=" + bytes + '}';
    }
}
