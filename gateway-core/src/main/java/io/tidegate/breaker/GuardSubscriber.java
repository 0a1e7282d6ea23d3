package io.tidegate.breaker;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One guarded subscription: what ends it first, a signal, the timeout or a cancel, ends the permit.
 *
 * <p>Downstream gets its subscription before the source is subscribed to, so it can cancel, and the timeout can end it, even
 * if the source never answers.
 */
abstract class GuardSubscriber<T> extends Operators.DeferredSubscription implements CoreSubscriber<T> {

    private static final int WAITING = 0;
    private static final int STREAMING = 1;
    private static final int TERMINATED = 2;
    private static final int CANCELLED = 3;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<GuardSubscriber> PHASE =
            AtomicIntegerFieldUpdater.newUpdater(GuardSubscriber.class, "phase");

    final CoreSubscriber<? super T> actual;
    final Permit permit;
    private final Breaker breaker;
    private final @Nullable Duration timeout;

    private volatile int phase;
    private volatile @Nullable Disposable timer;

    GuardSubscriber(CoreSubscriber<? super T> actual, Permit permit, Breaker breaker, @Nullable Duration timeout) {
        this.actual = actual;
        this.permit = permit;
        this.breaker = breaker;
        this.timeout = timeout;
    }

    final void subscribeTo(Publisher<? extends T> source) {
        try {
            actual.onSubscribe(this);
        } catch (Throwable e) {
            permit.release();
            throw e;
        }
        if (timeout != null && !hasEnded()) {
            startTimer(timeout);
        }
        if (hasEnded()) {
            return;
        }
        try {
            source.subscribe(this);
        } catch (Throwable e) {
            permit.failure(e);
            Exceptions.throwIfFatal(e);
            onError(e);
        }
    }

    private void startTimer(Duration timeout) {
        try {
            timer = breaker.after(timeout, () -> timedOut(timeout));
        } catch (RuntimeException e) {
            permit.release();
            onError(e);
        }
        if (hasEnded()) {
            stopTimer();
        }
    }

    private void timedOut(Duration timeout) {
        if (PHASE.compareAndSet(this, WAITING, CANCELLED)) {
            permit.timeout();
            super.cancel();
            actual.onError(new TimeoutException(
                    "breaker " + breaker.name() + ": no answer within " + timeout.toMillis() + " ms of subscribing"));
        }
    }

    @Override
    public final void onSubscribe(Subscription subscription) {
        set(subscription);
    }

    /** Whether the value is still wanted; otherwise it is disposed of. */
    final boolean accepts(T value) {
        if (phase == WAITING && PHASE.compareAndSet(this, WAITING, STREAMING)) {
            stopTimer();
        }
        return !hasEnded() || refuse(value);
    }

    /** Whether the value is still wanted, as the last one; otherwise it is disposed of. */
    final boolean acceptsLast(T value) {
        return end(TERMINATED) || refuse(value);
    }

    private boolean refuse(T value) {
        if (phase == CANCELLED) {
            Operators.onDiscard(value, actual.currentContext());
        } else {
            Operators.onNextDropped(value, actual.currentContext());
        }
        return false;
    }

    @Override
    public final void onError(Throwable error) {
        if (end(TERMINATED)) {
            permit.failure(error);
            actual.onError(error);
        } else {
            Operators.onErrorDropped(error, actual.currentContext());
        }
    }

    @Override
    public final void onComplete() {
        if (end(TERMINATED)) {
            permit.success();
            actual.onComplete();
        }
    }

    @Override
    public final void request(long n) {
        if (Operators.validate(n)) {
            super.request(n);
        }
    }

    @Override
    public final void cancel() {
        if (end(CANCELLED)) {
            permit.release();
            super.cancel();
        }
    }

    private boolean end(int how) {
        int phase;
        do {
            phase = this.phase;
            if (phase >= TERMINATED) {
                return false;
            }
        } while (!PHASE.compareAndSet(this, phase, how));
        stopTimer();
        return true;
    }

    private boolean hasEnded() {
        return phase >= TERMINATED;
    }

    private void stopTimer() {
        Disposable timer = this.timer;
        if (timer != null) {
            timer.dispose();
        }
    }

    @Override
    public final Context currentContext() {
        return actual.currentContext();
    }

    @Override
    @SuppressWarnings("rawtypes")
    public final @Nullable Object scanUnsafe(Scannable.Attr key) {
        if (key == Scannable.Attr.ACTUAL) {
            return actual;
        }
        if (key == Scannable.Attr.TERMINATED) {
            return phase == TERMINATED;
        }
        if (key == Scannable.Attr.CANCELLED) {
            return phase == CANCELLED;
        }
        if (key == Scannable.Attr.RUN_STYLE) {
            return timeout == null ? Scannable.Attr.RunStyle.SYNC : Scannable.Attr.RunStyle.ASYNC;
        }
        return super.scanUnsafe(key);
    }
}
