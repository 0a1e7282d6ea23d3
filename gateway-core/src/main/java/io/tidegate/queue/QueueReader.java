package io.tidegate.queue;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;

/** A subscriber of a queue: its demand, and how it is called. */
final class QueueReader<T> implements Subscription, Scannable {

    @SuppressWarnings("rawtypes")
    private static final AtomicLongFieldUpdater<QueueReader> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(QueueReader.class, "requested");

    private final QueueDrain<T> drain;
    private final CoreSubscriber<Object> actual;
    private final boolean handsOver;
    private final Runnable onCancel;

    private volatile long requested;
    private volatile boolean cancelled;
    private volatile boolean terminated;
    private volatile @Nullable Throwable violation;
    private @Nullable Throwable error;

    @SuppressWarnings("unchecked") // hands over messages, or deliveries, as its factories promise
    private QueueReader(QueueDrain<T> drain, CoreSubscriber<?> actual, boolean handsOver, Runnable onCancel) {
        this.drain = drain;
        this.actual = (CoreSubscriber<Object>) actual;
        this.handsOver = handsOver;
        this.onCancel = onCancel;
    }

    /** A reader whose messages are delivered when it gets them. */
    static <T> QueueReader<T> ofMessages(QueueDrain<T> drain, CoreSubscriber<? super T> actual, Runnable onCancel) {
        return new QueueReader<>(drain, actual, true, onCancel);
    }

    /** A reader that confirms. */
    static <T> QueueReader<T> ofDeliveries(QueueDrain<T> drain, CoreSubscriber<? super Delivery<T>> actual) {
        return new QueueReader<>(drain, actual, false, () -> {});
    }

    boolean handsOver() {
        return handsOver;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean hasDemand() {
        return requested > 0;
    }

    /** The request that broke the rules, if one did; this cancelled it. */
    @Nullable
    Throwable violation() {
        return violation;
    }

    /** Calls the subscriber, unless it has cancelled; returns whether it did. One that throws has cancelled thereby. */
    boolean receive(Delivery<T> delivery) {
        if (cancelled) {
            return false;
        }
        try {
            actual.onNext(handsOver ? delivery.message : delivery);
        } catch (Throwable t) {
            Exceptions.throwIfJvmFatal(t);
            cancel();
            Operators.onErrorDropped(t, actual.currentContext());
            return true;
        }
        Operators.produced(REQUESTED, this, 1);
        return true;
    }

    /** Decides how it ends; {@link #tellEnd()} then tells the subscriber. */
    void end(@Nullable Throwable cause) {
        error = cause;
    }

    void tellEnd() {
        Throwable cause = violation == null ? error : violation;
        if (cancelled && violation == null) {
            if (cause != null) {
                Operators.onErrorDropped(cause, actual.currentContext());
            }
            return;
        }
        terminated = true;
        if (cause == null) {
            actual.onComplete();
            return;
        }
        if (cause instanceof QueueOverflowException) {
            onCancel.run();
        }
        actual.onError(cause);
    }

    @Override
    public void request(long n) {
        if (n > 0) {
            Operators.addCap(REQUESTED, this, n);
            drain.enterBooks();
        } else if (!cancelled) {
            violation = Exceptions.nullOrNegativeRequestException(n);
            cancel();
        }
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            onCancel.run();
            drain.enterBooks();
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared by Reactor
    public @Nullable Object scanUnsafe(Attr key) {
        if (key == Attr.ACTUAL) {
            return actual;
        }
        if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
            return requested;
        }
        if (key == Attr.CANCELLED) {
            return cancelled;
        }
        if (key == Attr.TERMINATED) {
            return terminated;
        }
        if (key == Attr.BUFFERED) {
            return (int) Math.min(Integer.MAX_VALUE, drain.queue().accounting().queued());
        }
        if (key == Attr.RUN_STYLE) {
            return Attr.RunStyle.ASYNC;
        }
        return key == Attr.RUN_ON ? drain.scheduler() : null;
    }
}
