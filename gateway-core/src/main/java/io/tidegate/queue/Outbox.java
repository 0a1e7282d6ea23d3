package io.tidegate.queue;

import io.tidegate.queue.MessageQueue.Offer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * A queue that outlives its subscribers: what one of them took and did not confirm, the next one gets first.
 *
 * <p>There are two ways to read it. {@link #drain()} hands messages over: each is delivered <em>at most once</em>.
 * {@link #deliveries()} keeps each message until it is confirmed: <em>at least once</em>.
 *
 * <p><b>Signals:</b> one subscriber at a time; a second one gets an {@link IllegalStateException}. When it cancels, or
 * throws, everything that it has not confirmed waits again, in its place, and the next one may come at once. Subscribers
 * complete when the outbox is {@linkplain #complete() complete} and all was delivered and confirmed, or when it is
 * {@linkplain #close closed}; they get a {@link QueueOverflowException} when it overflowed under {@link Overflow#CLOSE}.
 *
 * <p><b>Demand:</b> kept. The producer asks {@link #hasRoom()}, or is told by {@link #whenRoom}.
 *
 * <p><b>Threads:</b> {@link #offer} by one at a time, everything else by any. Nothing blocks: who finds another thread at the
 * books leaves word there and goes on. The subscriber is called by the thread that brings a message, asks for one, or runs a
 * timer, and not while the books are kept: a slow one delays neither producer nor expiry.
 *
 * <p><b>Ownership:</b> as in {@link MessageQueue}. A message from {@code drain()} is the subscriber's; that of a
 * {@code Delivery} stays the queue's until it is confirmed: who passes it on retains it in {@code onNext}.
 *
 * <p><b>State:</b> shared by its subscribers. {@link #close} ends it, and lets go of its timer.
 */
public final class Outbox<T> {

    private final BoundedQueue<T> spec;
    private final QueueDrain<T> drain;

    Outbox(BoundedQueue<T> spec) {
        this.spec = spec;
        this.drain = spec.newDrain(true);
    }

    /**
     * Offers a message. {@link Offer#QUEUED} may be early when another thread keeps the books: what an overflow policy then
     * does to the message, listener and disposal learn.
     */
    public Offer offer(T message) {
        return drain.offer(message, spec.sizeOf(message), false, null);
    }

    /** Whether an offer would not be refused; always under policies that refuse nothing. */
    public boolean hasRoom() {
        return drain.hasRoom();
    }

    /**
     * Has {@code action} run once there is room, now if there is. Only the newest action is kept, and dropped when the outbox
     * ends.
     *
     * @param action called by the thread that made room: that of a subscriber which confirms, say; what it throws is logged
     */
    public void whenRoom(Runnable action) {
        drain.whenRoom(action);
    }

    /** Accounts for a message that was known already, so that it is not offered; it stays the caller's. */
    public void duplicate(T message) {
        long bytes = spec.sizeOf(message);
        drain.tell(() -> drain.queue().duplicate(bytes));
    }

    /** The messages, each of which is delivered with {@code onNext}. */
    public Flux<T> drain() {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super T> actual) {
                attach(actual, QueueReader.ofMessages(drain, actual, () -> {}));
            }
        };
    }

    /** The messages, each of which is to be confirmed or requeued. */
    public Flux<Delivery<T>> deliveries() {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Delivery<T>> actual) {
                attach(actual, QueueReader.ofDeliveries(drain, actual));
            }
        };
    }

    /** The message is delivered, and disposed of. Changes nothing if the delivery is over already. */
    public void confirm(Delivery<T> delivery) {
        drain.tell(() -> drain.queue().confirm(delivery));
    }

    /** This message is delivered, and so are all that were handed out before it. */
    public void confirmThrough(Delivery<T> delivery) {
        drain.tell(() -> drain.queue().confirmThrough(delivery));
    }

    /** The message was not delivered: it waits again, in its place. Changes nothing if the delivery is over already. */
    public void requeue(Delivery<T> delivery) {
        drain.tell(() -> drain.queue().requeue(delivery));
    }

    /** There will be no more messages; subscribers complete when all are delivered and confirmed. */
    public void complete() {
        drain.complete(null);
    }

    /**
     * Drops everything, the unconfirmed included, and what is offered from now on; subscribers complete.
     *
     * @param why one of the {@linkplain Departure#DROPS drops}
     */
    public void close(Departure why) {
        MessageQueue.checkDrop(why);
        drain.close(why);
    }

    /** Where all messages have gone; those that are being handed to the books are not accepted yet. */
    public Accounting accounting() {
        return drain.queue().accounting();
    }

    private void attach(CoreSubscriber<?> actual, QueueReader<T> reader) {
        actual.onSubscribe(reader);
        drain.attach(reader);
    }
}
