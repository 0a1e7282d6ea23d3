package io.tidegate.dedup;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Fuseable.ConditionalSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** {@link Dedup#distinct}. */
final class FluxDistinct<T> extends FluxOperator<T, T> {

    private final Dedup<T> dedup;

    FluxDistinct(Flux<T> source, Dedup<T> dedup) {
        super(source);
        this.dedup = dedup;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        source.subscribe(new DistinctSubscriber<>(actual, dedup, dedup.gate()));
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : super.scanUnsafe(key);
    }

    private static final class DistinctSubscriber<T> implements ConditionalSubscriber<T>, Subscription, Scannable {

        private final CoreSubscriber<? super T> actual;
        private final Dedup<T> dedup;
        private final DedupGate<T> gate;

        private @Nullable Subscription upstream;
        private boolean done;
        private volatile boolean cancelled;

        DistinctSubscriber(CoreSubscriber<? super T> actual, Dedup<T> dedup, DedupGate<T> gate) {
            this.actual = actual;
            this.dedup = dedup;
            this.gate = gate;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(upstream, s)) {
                upstream = s;
                actual.onSubscribe(this);
            }
        }

        @Override
        public void onNext(T message) {
            if (!tryOnNext(message)) {
                request(1);
            }
        }

        @Override
        public boolean tryOnNext(T message) {
            if (cancelled) {
                dedup.drop(message);
                return true;
            }
            if (done) {
                Operators.onNextDropped(message, currentContext());
                return true;
            }
            long admission;
            try {
                admission = gate.admit(message);
            } catch (Throwable e) {
                cancelled = true;
                dedup.drop(message);
                onError(Operators.onOperatorError(upstream, e, currentContext()));
                return true;
            }
            if (admission == DedupGate.DUPLICATE) {
                dedup.drop(message);
                return false;
            }
            boolean delivered = false;
            try {
                actual.onNext(message);
                delivered = !cancelled;
            } finally {
                gate.end(admission, delivered);
            }
            return true;
        }

        @Override
        public void onError(Throwable error) {
            if (done) {
                Operators.onErrorDropped(error, currentContext());
                return;
            }
            done = true;
            actual.onError(error);
        }

        @Override
        public void onComplete() {
            if (!done) {
                done = true;
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            if (upstream != null) {
                upstream.request(n);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (upstream != null) {
                upstream.cancel();
            }
        }

        @Override
        public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
            if (key == Attr.PARENT) {
                return upstream;
            }
            if (key == Attr.ACTUAL) {
                return actual;
            }
            if (key == Attr.TERMINATED) {
                return done;
            }
            if (key == Attr.CANCELLED) {
                return cancelled;
            }
            return key == Attr.RUN_STYLE ? Attr.RunStyle.SYNC : null;
        }
    }
}
