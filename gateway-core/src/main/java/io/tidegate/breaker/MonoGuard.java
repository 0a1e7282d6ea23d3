package io.tidegate.breaker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.publisher.Operators;

/** {@link Breaker#guard(Mono)}. */
final class MonoGuard<T> extends MonoOperator<T, T> {

    private final Breaker breaker;
    private final @Nullable Duration timeout;

    MonoGuard(Mono<T> source, Breaker breaker, @Nullable Duration timeout) {
        super(source);
        this.breaker = breaker;
        this.timeout = timeout;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        Permit permit = breaker.tryAcquire();
        if (permit == null) {
            Operators.error(actual, breaker.rejection());
        } else {
            new Guarded<>(actual, permit, breaker, timeout).subscribeTo(source);
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }

    private static final class Guarded<T> extends GuardSubscriber<T> {

        Guarded(CoreSubscriber<? super T> actual, Permit permit, Breaker breaker, @Nullable Duration timeout) {
            super(actual, permit, breaker, timeout);
        }

        @Override
        public void onNext(T value) {
            // The value is the end: a source that fails or is cancelled behind it has answered.
            if (acceptsLast(value)) {
                permit.success();
                actual.onNext(value);
                actual.onComplete();
            }
        }
    }
}
