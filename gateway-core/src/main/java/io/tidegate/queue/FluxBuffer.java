package io.tidegate.queue;

import io.tidegate.queue.MessageQueue.Offer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** {@link BoundedQueue#buffer}: the source fills a queue, the subscriber empties it. */
final class FluxBuffer<T> extends FluxOperator<T, T> {

    private final BoundedQueue<T> spec;

    FluxBuffer(Flux<? extends T> source, BoundedQueue<T> spec) {
        super(source);
        this.spec = spec;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        source.subscribe(new Filler<>(actual, spec));
    }

    @Override
    @SuppressWarnings("rawtypes") // as declared by Reactor
    public @Nullable Object scanUnsafe(Attr key) {
        return key == Attr.RUN_STYLE ? Attr.RunStyle.ASYNC : super.scanUnsafe(key);
    }

    /** Subscriber of the source. */
    private static final class Filler<T> implements CoreSubscriber<T>, Scannable {

        private final CoreSubscriber<? super T> actual;
        private final BoundedQueue<T> spec;
        private final QueueDrain<T> drain;
        private final QueueReader<T> reader;
        private final Runnable askForOne = this::askForOne;

        private @Nullable Subscription source;
        /** Whether a message was asked for and has not come yet. Written before the request, read when it comes. */
        private boolean asked;

        private boolean done;

        Filler(CoreSubscriber<? super T> actual, BoundedQueue<T> spec) {
            this.actual = actual;
            this.spec = spec;
            this.drain = spec.newDrain(false);
            this.reader = QueueReader.ofMessages(drain, actual, this::cancelSource);
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription s) {
            if (Operators.validate(source, s)) {
                source = s;
                drain.attach(reader);
                actual.onSubscribe(reader);
                if (spec.pauses()) {
                    drain.whenRoom(askForOne);
                } else {
                    s.request(Long.MAX_VALUE);
                }
            }
        }

        @Override
        public void onNext(T message) {
            if (done) {
                Operators.onNextDropped(message, currentContext());
                return;
            }
            long bytes;
            try {
                bytes = spec.sizeOf(message);
            } catch (RuntimeException e) {
                Throwable error = Operators.onOperatorError(source, e, message, currentContext());
                drain.drop(message, Departure.CANCELLED);
                onError(error);
                return;
            }
            if (asked) {
                asked = false;
                drain.offer(message, bytes, true, askForOne);
            } else if (drain.offer(message, bytes, false, null) == Offer.REFUSED) {
                drain.overflow(message, bytes);
            }
        }

        @Override
        public void onError(Throwable error) {
            if (done || reader.isCancelled()) {
                done = true;
                Operators.onErrorDropped(error, currentContext());
                return;
            }
            done = true;
            drain.complete(error);
        }

        @Override
        public void onComplete() {
            if (!done) {
                done = true;
                drain.complete(null);
            }
        }

        private void askForOne() {
            Subscription s = source;
            if (s != null) {
                asked = true;
                s.request(1);
            }
        }

        private void cancelSource() {
            Subscription s = source;
            if (s != null) {
                s.cancel();
            }
        }

        @Override
        @SuppressWarnings("rawtypes") // as declared by Reactor
        public @Nullable Object scanUnsafe(Attr key) {
            if (key == Attr.PARENT) {
                return source;
            }
            if (key == Attr.TERMINATED) {
                return done;
            }
            return reader.scanUnsafe(key);
        }
    }
}
