package io.tidegate.breaker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;

/** {@link Breaker#guard(Flux)}. */
final class FluxGuard<T> extends FluxOperator<T, T> {

    private final Breaker breaker;
    private final @Nullable Duration timeout;

    FluxGuard(Flux<T> source, Breaker breaker, @Nullable Duration timeout) {
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
            if (accepts(value)) {
                try {
                    actual.onNext(value);
                } catch (Throwable e) {
                    permit.release();
                    throw e;
                }
            }
        }
    }
}
