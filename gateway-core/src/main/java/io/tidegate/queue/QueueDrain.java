package io.tidegate.queue;

import io.tidegate.queue.MessageQueue.Offer;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.util.concurrent.Queues;

/**
 * Lets several threads use one {@link MessageQueue}, and hands its messages to one {@link QueueReader} at a time.
 *
 * <p>Two sections, each entered by one thread at a time, and never waited for: who finds one taken leaves word, and the one
 * inside goes round again. In the <em>books</em> section the queue is touched; it is short. In the <em>delivery</em> section
 * the reader is called, for as long as that may take; the queue goes on being used meanwhile. A message goes from one to the
 * other through a {@link Handover}.
 */
final class QueueDrain<T> {

    private static final Logger LOG = LoggerFactory.getLogger(QueueDrain.class);

    private final MessageQueue<T> queue;
    private final ByteBudget budget;
    private final Scheduler scheduler;
    private final boolean pauses;
    private final boolean survives;

    private final AtomicInteger booksEntries = new AtomicInteger();
    private final AtomicInteger deliveryEntries = new AtomicInteger();
    private final Handover<T> handover = new Handover<>();
    private final Queue<Runnable> words =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final Queue<QueueReader<T>> ended =
            Queues.<QueueReader<T>>unboundedMultiproducer().get();

    // Touched in the books section only.
    private @Nullable QueueReader<T> reader;
    private @Nullable QueueReader<T> nextReader;
    private boolean complete;
    private @Nullable Throwable failure;
    private boolean abrupt;
    private @Nullable Runnable roomWaiter;
    private ByteBudget.@Nullable Wakeup wakeup;
    private @Nullable Disposable timer;
    private int admitted;

    // What others tell the books section, and what it tells them.
    private volatile boolean timerFired;
    private volatile boolean woken;
    private volatile boolean ownRoom = true;
    private volatile boolean refusesNothing;
    private final AtomicInteger unadmitted = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> roomFound = new AtomicReference<>();
    private volatile boolean passOn;

    QueueDrain(MessageQueue<T> queue, ByteBudget budget, Scheduler scheduler, boolean pauses, boolean survives) {
        this.queue = queue;
        this.budget = budget;
        this.scheduler = scheduler;
        this.pauses = pauses;
        this.survives = survives;
        this.refusesNothing = !pauses;
    }

    MessageQueue<T> queue() {
        return queue;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** Whether an offer would not be refused. */
    boolean hasRoom() {
        return refusesNothing || (ownRoom && unadmitted.get() == 0 && budget.hasRoom());
    }

    /**
     * Offers a message; by one thread at a time.
     *
     * @param asked whether it was asked for, so that it can't be refused
     * @param whenRoom what to run when there is room for another one
     * @return {@code QUEUED} may yet become another fate when somebody else is in the books section
     */
    Offer offer(T message, long bytes, boolean asked, @Nullable Runnable whenRoom) {
        if (booksEntries.compareAndSet(0, 1)) {
            Offer outcome = admit(message, bytes, asked, whenRoom);
            keepBooks();
            return outcome;
        }
        if (!asked && !hasRoom()) {
            return Offer.REFUSED;
        }
        unadmitted.incrementAndGet();
        tell(() -> {
            admit(message, bytes, true, whenRoom);
            admitted++;
        });
        return Offer.QUEUED;
    }

    /** Runs {@code action} in the books section: now, or when the one who is inside gets to it. */
    void tell(Runnable action) {
        words.add(action);
        enterBooks();
    }

    /** Something changed: demand, a cancel. */
    void enterBooks() {
        if (booksEntries.getAndIncrement() == 0) {
            keepBooks();
        }
    }

    /** Runs {@code action} once there is room; there is one such action at a time, the newest. */
    void whenRoom(Runnable action) {
        tell(() -> roomWaiter = action);
    }

    /** No more messages come: readers end when the queue is empty. */
    void complete(@Nullable Throwable error) {
        tell(() -> {
            if (!complete) {
                complete = true;
                failure = error;
            }
        });
    }

    /** Drops a message that can't be offered. */
    void drop(T message, Departure why) {
        tell(() -> queue.drop(message, 0, why));
    }

    /** Drops everything; readers end. */
    void close(Departure why) {
        tell(() -> {
            queue.close(why);
            complete = true;
            abrupt = true;
        });
    }

    /** Drops everything, and a message that nobody had asked for; readers get the error. */
    void overflow(T message, long bytes) {
        tell(() -> queue.overflow(message, bytes, Departure.OVERFLOW));
    }

    void attach(QueueReader<T> newcomer) {
        tell(() -> {
            if (isActive(reader) || isActive(nextReader)) {
                newcomer.end(new IllegalStateException("readers: 2 (expected: one at a time)"));
                ended.add(newcomer);
            } else {
                nextReader = newcomer;
            }
        });
    }

    private Offer admit(T message, long bytes, boolean asked, @Nullable Runnable whenRoom) {
        if (whenRoom != null) {
            roomWaiter = whenRoom;
        }
        return asked ? queue.offerForced(message, bytes) : queue.offer(message, bytes);
    }

    private void keepBooks() {
        int entries = 1;
        do {
            for (Runnable word = words.poll(); word != null; word = words.poll()) {
                word.run();
            }
            settle();
            entries = booksEntries.addAndGet(-entries);
        } while (entries != 0);
        if (roomFound.get() != null) {
            Runnable action = roomFound.getAndSet(null);
            if (action != null) {
                runGuarded(action, "Could not tell who waits for a queue that there is room");
            }
        }
        if (passOn) {
            passOn = false;
            budget.passOn();
        }
        if (handover.isReady() || !ended.isEmpty()) {
            enterDelivery();
        }
    }

    private void settle() {
        handover.settle(queue);
        if (timerFired) {
            timerFired = false;
            timer = null;
            queue.expire();
        }
        if (queue.overflow() != null && !abrupt) {
            failure = queue.overflow();
            complete = true;
            abrupt = true;
        }
        do {
            letReaderGo();
        } while (adoptReader());
        handOut();
        endReader();
        lookForRoom();
        armTimer();
    }

    /** Lets go of a reader that cancelled, or that the end of everything cuts off: what it had not confirmed waits again. */
    private void letReaderGo() {
        QueueReader<T> current = reader;
        QueueReader<T> leaving = current != null && current.isCancelled() ? current : null;
        if ((leaving != null || abrupt) && handover.takeBack()) {
            if (leaving != null && !survives) {
                queue.close(Departure.CANCELLED);
                complete = true;
            }
            queue.requeueAll();
            if (leaving != null) {
                reader = null;
                if (leaving.violation() != null || (failure != null && !survives)) {
                    leaving.end(failure);
                    ended.add(leaving);
                }
            }
        }
    }

    private boolean adoptReader() {
        if (reader != null || nextReader == null) {
            return false;
        }
        reader = nextReader;
        nextReader = null;
        return true;
    }

    private void handOut() {
        QueueReader<T> current = reader;
        if (current != null && handover.isEmpty() && !current.isCancelled() && current.hasDemand()) {
            Delivery<T> taken = queue.take();
            if (taken != null) {
                handover.put(taken, current);
            }
        }
    }

    private void endReader() {
        QueueReader<T> current = reader;
        if (current != null && complete && handover.isEmpty() && (abrupt || queue.messages() == 0)) {
            reader = null;
            current.end(failure);
            ended.add(current);
        }
    }

    private void lookForRoom() {
        if (woken) {
            woken = false;
            wakeup = null;
            passOn = true;
        }
        if (pauses) {
            ownRoom = queue.hasOwnRoom();
            refusesNothing = queue.isClosed();
        }
        if (admitted > 0) {
            unadmitted.addAndGet(-admitted);
            admitted = 0;
        }
        if (complete) {
            roomWaiter = null;
            if (wakeup != null) {
                wakeup.cancel();
                wakeup = null;
            }
        } else if (roomWaiter != null) {
            if (!pauses || queue.hasRoom()) {
                roomFound.set(roomWaiter);
                roomWaiter = null;
            } else if (wakeup == null && queue.hasOwnRoom()) {
                wakeup = budget.awaitRoom(this::scheduleWakeup);
            }
        }
    }

    private void scheduleWakeup() {
        try {
            scheduler.schedule(this::wake);
        } catch (RejectedExecutionException e) {
            wake();
        }
    }

    private void wake() {
        woken = true;
        enterBooks();
    }

    /** One timer, for the head as it is now: when it fires, for the head as it is then. */
    private void armTimer() {
        if (timer != null) {
            if (complete && queue.waiting() == 0) {
                timer.dispose();
                timer = null;
            }
            return;
        }
        long nanos = queue.nanosUntilExpiry();
        if (nanos < 0) {
            return;
        }
        try {
            timer = scheduler.schedule(this::timeOut, Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("No timer for a queue: messages expire only when it is used", e);
        }
    }

    private void timeOut() {
        timerFired = true;
        enterBooks();
    }

    private void enterDelivery() {
        if (deliveryEntries.getAndIncrement() != 0) {
            return;
        }
        int entries = 1;
        do {
            while (handover.deliver()) {
                enterBooks();
            }
            for (QueueReader<T> last = ended.poll(); last != null; last = ended.poll()) {
                runGuarded(last::tellEnd, "A subscriber of a queue failed at its end");
            }
            entries = deliveryEntries.addAndGet(-entries);
        } while (entries != 0);
    }

    /** Whoever calls has more to do, for others. */
    private static void runGuarded(Runnable action, String otherwise) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn(otherwise, e);
        }
    }

    private static boolean isActive(@Nullable QueueReader<?> reader) {
        return reader != null && !reader.isCancelled();
    }
}
