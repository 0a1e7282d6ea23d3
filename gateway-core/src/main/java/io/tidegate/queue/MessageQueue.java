package io.tidegate.queue;

import io.tidegate.time.Ticker;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue bounded by messages, bytes and time, from which messages are taken, and then confirmed, dropped or requeued.
 *
 * <p>Messages wait in the order of their offers. A taken one still counts against the bounds, and does not expire; requeued,
 * it is back where it came from, with the deadline it had, or with none if it {@linkplain Delivery#outlast outlasts} it. A
 * message whose TTL is over is never handed out: each call drops what has expired at the head first, and {@link
 * #nanosUntilExpiry()} says when {@link #expire()} is due next.
 *
 * <p><b>Threads:</b> one at a time. Listener and disposal are called when the queue is consistent, and may call it.
 * {@link #accounting()} by any thread.
 *
 * <p><b>Ownership:</b> the queue owns a message from {@link #offer} on, unless it is refused, until {@link #poll()} or
 * {@link #handOver} gives it to the caller; every other one goes to the disposal in the end, with the reason, the delivered
 * ones that were confirmed included.
 *
 * <p><b>Cost:</b> one object per message and attempt; offer, take, confirm and requeue in constant time, amortised, as long
 * as requeued messages are neighbours.
 */
public final class MessageQueue<T> {

    private final QueueConfig config;
    private final long ttlNanos;
    private final ByteBudget budget;
    private final Ticker ticker;
    private final Door<T> door;

    private final Line<T> waiting = new Line<>();
    private final Line<T> taken = new Line<>();
    private long sequence;
    /** The one requeued last: its neighbour may be the next. */
    private @Nullable Delivery<T> requeued;

    /** So that a disposal that offers something else does not expire the next one, and so on, on one stack. */
    private boolean expiring;

    private @Nullable Departure closed;
    private @Nullable QueueOverflowException overflow;

    /** What became of an offered message. */
    public enum Offer {
        /** It waits. */
        QUEUED,
        /** There is no room, try again later: it is still the caller's. Only with {@link Overflow#PAUSE}. */
        REFUSED,
        /** It was dropped, and disposed of. */
        DROPPED,
        /** It was disposed of; the queue is closed, because of this message ({@link Overflow#CLOSE}) or before. */
        CLOSED
    }

    MessageQueue(
            QueueConfig config,
            ByteBudget budget,
            QueueListener listener,
            BiConsumer<? super T, Departure> disposal,
            Ledger ledger,
            Ticker ticker) {
        this.config = config;
        this.ttlNanos = config.ttl().toNanos();
        this.budget = budget;
        this.ticker = ticker;
        this.door = new Door<>(ledger, listener, disposal);
    }

    /**
     * Offers a message.
     *
     * @param bytes its size; &gt;= 0
     */
    public Offer offer(T message, long bytes) {
        return offer(message, bytes, false);
    }

    /**
     * Offers a message that can't be refused, because it was asked for while there was room: {@link Overflow#PAUSE} then
     * takes it in, beyond the bounds if need be.
     *
     * @param bytes its size; &gt;= 0
     */
    public Offer offerForced(T message, long bytes) {
        return offer(message, bytes, true);
    }

    /**
     * Reserves room for a message that is still to be looked at, so that it can't be refused afterwards: followed by {@link
     * #offerReserved}, or by a {@linkplain ByteBudget#release release} of the budget. Only then is the budget never exceeded,
     * whoever else uses it. A message larger than the budget gets in when it is empty.
     *
     * @param bytes its size; &gt;= 0
     * @return false if there is no room now
     */
    public boolean reserve(long bytes) {
        checkBytes(bytes);
        if (!hasOwnRoom()) {
            return false;
        }
        if (bytes > budget.capacity() && budget.room() == budget.capacity()) {
            budget.reserveForced(bytes);
            return true;
        }
        return budget.tryReserve(bytes);
    }

    /**
     * Offers a message for which room is {@linkplain #reserve reserved}; if it isn't taken in, since the queue is closed, that room
     * is given back.
     *
     * @param bytes as reserved
     */
    public Offer offerReserved(T message, long bytes) {
        checkBytes(bytes);
        long now = ticker.nanos();
        if (!expiring) {
            expire(now);
        }
        if (closed != null) {
            budget.release(bytes);
            drop(message, bytes, closed);
            return Offer.CLOSED;
        }
        return letIn(message, bytes, now);
    }

    /**
     * Accounts for a message that was known already, so that it is not offered; it stays the caller's.
     *
     * @param bytes its size
     */
    public void duplicate(long bytes) {
        door.turnAway(bytes, Departure.DUPLICATE);
    }

    /**
     * Accounts for messages that went straight to their reader: accepted and delivered, in one entry. They were never the
     * queue's, and take none of its room.
     *
     * <p>Only while nothing waits: they would have overtaken what does. Those that are taken were sent before them, and may
     * well be unconfirmed still.
     *
     * @param count how many messages; &gt;= 0
     * @param bytes their size, together; &gt;= 0
     * @throws IllegalStateException if a message waits, or the queue is closed
     */
    public void pass(int count, long bytes) {
        checkBytes(bytes);
        if (count < 0) {
            throw new IllegalArgumentException("count: " + count + " (expected: >= 0)");
        }
        if (closed != null || waiting.count() > 0) {
            throw new IllegalStateException(
                    closed != null
                            ? "the queue is closed (expected: open where messages pass)"
                            : "waiting: " + waiting.count() + " (expected: 0 where messages pass)");
        }
        if (count > 0) {
            door.letPass(count, bytes);
        }
    }

    /** Takes the oldest message that waits, to be confirmed, handed over or requeued; {@code null} if there is none. */
    public @Nullable Delivery<T> take() {
        long now = ticker.nanos();
        expire(now);
        Delivery<T> delivery = waiting.first();
        if (delivery != null) {
            waiting.remove(delivery);
            taken.append(delivery);
            delivery.attempt++;
            delivery.takenNanos = now;
            door.ledger().taken();
        }
        return delivery;
    }

    /** Takes the oldest message that waits for good: it is delivered, and the caller's; {@code null} if there is none. */
    public @Nullable T poll() {
        Delivery<T> delivery = take();
        if (delivery == null) {
            return null;
        }
        handOver(delivery);
        return delivery.message;
    }

    /**
     * A taken message is delivered; the queue disposes of it.
     *
     * @return false if the delivery is over already
     */
    public boolean confirm(Delivery<T> delivery) {
        if (delivery.line != taken) {
            return false;
        }
        leave(delivery, Departure.DELIVERED);
        return true;
    }

    /**
     * This message is delivered, and so are all that were taken before it; what a Pong proves to have been read.
     *
     * @return how many were confirmed; none if the delivery is over already
     */
    public int confirmThrough(Delivery<T> delivery) {
        int confirmed = 0;
        for (Delivery<T> oldest = taken.first(); oldest != null && delivery.line == taken; oldest = taken.first()) {
            leave(oldest, Departure.DELIVERED);
            confirmed++;
        }
        return confirmed;
    }

    /**
     * A taken message is delivered, and the caller's.
     *
     * @return false if the delivery is over already: then the message is not the caller's
     */
    public boolean handOver(Delivery<T> delivery) {
        if (delivery.line != taken) {
            return false;
        }
        depart(delivery, Departure.DELIVERED);
        return true;
    }

    /**
     * A taken message will not be delivered; the queue disposes of it.
     *
     * @param why one of the {@linkplain Departure#DROPS drops}
     * @return false if the delivery is over already
     */
    public boolean drop(Delivery<T> delivery, Departure why) {
        checkDrop(why);
        if (delivery.line != taken) {
            return false;
        }
        leave(delivery, why);
        return true;
    }

    /**
     * A message that waits is not to be delivered; the queue disposes of it. Looks through those that wait, the oldest first.
     *
     * @param message told from others by identity
     * @param why one of the {@linkplain Departure#DROPS drops}
     * @return false if it doesn't wait
     */
    public boolean dropWaiting(T message, Departure why) {
        checkDrop(why);
        for (Delivery<T> each = waiting.first(); each != null; each = each.next) {
            if (each.message == message) {
                leave(each, why);
                return true;
            }
        }
        return false;
    }

    /**
     * A taken message was not delivered: it waits again, in its place; in a closed queue it is dropped.
     *
     * @return false if the delivery is over already
     */
    public boolean requeue(Delivery<T> delivery) {
        if (delivery.line != taken) {
            return false;
        }
        putBack(delivery);
        expire();
        return true;
    }

    /**
     * None of the taken messages was delivered: they wait again, in their places; in a closed queue they are dropped.
     *
     * @return how many
     */
    public int requeueAll() {
        int count = 0;
        // The last one first: each of the others then belongs right before the one requeued last.
        for (Delivery<T> last = taken.last(); last != null; last = taken.last()) {
            putBack(last);
            count++;
        }
        expire();
        return count;
    }

    /**
     * Drops what has waited for longer than the TTL.
     *
     * @return how many messages
     */
    public int expire() {
        return ttlNanos == 0 || waiting.count() == 0 ? 0 : expire(ticker.nanos());
    }

    /** Time until {@link #expire()} has something to do: 0 if it has now, -1 if nothing that waits can expire. */
    public long nanosUntilExpiry() {
        Delivery<T> oldest = ttlNanos == 0 ? null : waiting.firstToExpire();
        return oldest == null ? -1 : Math.max(0, oldest.offeredNanos + ttlNanos - ticker.nanos());
    }

    /**
     * Drops all messages that wait.
     *
     * @param why one of the {@linkplain Departure#DROPS drops}
     * @return how many
     */
    public int clear(Departure why) {
        checkDrop(why);
        int count = 0;
        for (Delivery<T> oldest = waiting.first(); oldest != null; oldest = waiting.first()) {
            leave(oldest, why);
            count++;
        }
        return count;
    }

    /**
     * Drops all messages that wait, and from now on those that are offered or requeued, too. A taken one can still be
     * confirmed. A second call changes nothing.
     *
     * @param why one of the {@linkplain Departure#DROPS drops}
     */
    public void close(Departure why) {
        checkDrop(why);
        if (closed == null) {
            closed = why;
            clear(why);
        }
    }

    /** Whether it was closed, or closed itself by {@link Overflow#CLOSE}. */
    public boolean isClosed() {
        return closed != null;
    }

    /** What closed it if that was an overflow, else {@code null}. */
    public @Nullable QueueOverflowException overflow() {
        return overflow;
    }

    /** Whether it is open, neither bound is reached and the budget has a byte left. */
    public boolean hasRoom() {
        return hasOwnRoom() && budget.hasRoom();
    }

    /** The same, the budget aside: without {@link #hasRoom()} it means that the budget is worth waiting for. */
    public boolean hasOwnRoom() {
        return closed == null && messages() < config.maxMessages() && bytes() < config.maxBytes();
    }

    /** Messages that wait. */
    public int waiting() {
        return waiting.count();
    }

    /** Messages that are taken, and neither confirmed nor requeued. */
    public int unconfirmed() {
        return taken.count();
    }

    /** Messages in all. */
    public int messages() {
        return waiting.count() + taken.count();
    }

    /** Bytes in all. */
    public long bytes() {
        return waiting.bytes() + taken.bytes();
    }

    /** What its ledger says. */
    public Accounting accounting() {
        return door.ledger().snapshot();
    }

    @Override
    public String toString() {
        return "MessageQueue{waiting=" + waiting() + ", unconfirmed=" + unconfirmed() + ", bytes=" + bytes() + '}';
    }

    /** Ends as {@link Overflow#CLOSE} does, whatever the policy: a source sent what it was not asked for. */
    Offer overflow(T message, long bytes, Departure why) {
        if (closed == null) {
            overflow = new QueueOverflowException(
                    "no room for a message of " + bytes + " bytes in a queue of " + messages()
                            + " messages and " + bytes() + " bytes (limits: " + config.maxMessages() + " messages, "
                            + config.maxBytes() + " bytes; left in the budget: " + budget.room() + " bytes)");
        }
        close(why);
        drop(message, bytes, closed == null ? why : closed);
        return Offer.CLOSED;
    }

    private Offer offer(T message, long bytes, boolean forced) {
        checkBytes(bytes);
        long now = ticker.nanos();
        if (!expiring) {
            expire(now);
        }
        if (config.overflow() == Overflow.PAUSE) {
            if (!forced && closed == null && !hasRoom()) {
                return Offer.REFUSED;
            }
            if (closed == null) {
                budget.reserveForced(bytes);
            }
        } else {
            Departure obstacle = makeRoom(bytes);
            if (obstacle != null && closed == null) {
                return config.overflow() == Overflow.CLOSE
                        ? overflow(message, bytes, obstacle)
                        : drop(message, bytes, obstacle);
            }
        }
        if (closed != null) {
            drop(message, bytes, closed);
            return Offer.CLOSED;
        }
        return letIn(message, bytes, now);
    }

    private Offer letIn(T message, long bytes, long now) {
        waiting.append(new Delivery<>(message, bytes, ++sequence, now));
        door.letIn(bytes);
        return Offer.QUEUED;
    }

    /** Reserves room, having dropped older messages if that is the policy; returns what it is that prevents it, if anything. */
    private @Nullable Departure makeRoom(long bytes) {
        if (bytes > config.maxBytes() || bytes > budget.capacity()) {
            return Departure.TOO_LARGE;
        }
        while (closed == null) {
            boolean fits = messages() < config.maxMessages() && bytes <= config.maxBytes() - bytes();
            if (fits && budget.tryReserve(bytes)) {
                return null;
            }
            Departure obstacle = fits ? Departure.BUDGET : Departure.OVERFLOW;
            Delivery<T> oldest = waiting.first();
            if (config.overflow() != Overflow.DROP_OLDEST || oldest == null || !droppingHelps(bytes)) {
                return obstacle;
            }
            leave(oldest, obstacle);
        }
        return closed;
    }

    /** Whether there would be room if nothing waited. */
    private boolean droppingHelps(long bytes) {
        return bytes <= config.maxBytes() - taken.bytes() && bytes <= budget.room() + waiting.bytes();
    }

    private int expire(long now) {
        if (ttlNanos == 0) {
            return 0;
        }
        int count = 0;
        boolean within = expiring;
        expiring = true;
        Delivery<T> oldest = waiting.firstToExpire();
        while (oldest != null && now - oldest.offeredNanos >= ttlNanos) {
            leave(oldest, Departure.EXPIRED);
            count++;
            oldest = waiting.firstToExpire();
        }
        expiring = within;
        return count;
    }

    private void putBack(Delivery<T> delivery) {
        if (closed != null) {
            leave(delivery, closed);
            return;
        }
        taken.remove(delivery);
        Delivery<T> again = delivery.again();
        waiting.insert(again, requeued);
        requeued = again;
        door.ledger().requeued();
    }

    /** Accounts for a message that is dropped at once, and disposes of it. */
    Offer drop(T message, long bytes, Departure why) {
        door.turnAway(bytes, why);
        door.dispose(message, why);
        return Offer.DROPPED;
    }

    private void leave(Delivery<T> delivery, Departure why) {
        depart(delivery, why);
        door.dispose(delivery.message, why);
    }

    private void depart(Delivery<T> delivery, Departure why) {
        boolean wasTaken = delivery.line == taken;
        (wasTaken ? taken : waiting).remove(delivery);
        if (delivery == requeued) {
            requeued = null;
        }
        budget.release(delivery.bytes);
        long end = wasTaken ? delivery.takenNanos : ticker.nanos();
        door.letOut(wasTaken, why, delivery.bytes, end - delivery.offeredNanos, delivery.attempt);
    }

    private static void checkBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
        }
    }

    static void checkDrop(Departure why) {
        if (!why.isDrop()) {
            throw new IllegalArgumentException("why: " + why + " (expected: one of " + Departure.DROPS + ')');
        }
    }
}
