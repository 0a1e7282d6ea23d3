package io.tidegate.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * A source of buffers that does what a test tells it, the forbidden included: it signals after it was cancelled, and ends
 * twice. It remembers every buffer it made.
 */
public final class SourceProbe extends Flux<ByteBuf> {

    private final List<Run> runs = new CopyOnWriteArrayList<>();
    private final List<Tracked> made = new CopyOnWriteArrayList<>();

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Run run = new Run(actual);
        runs.add(run);
        actual.onSubscribe(run);
    }

    /** The subscriptions so far. */
    public List<Run> runs() {
        return List.copyOf(runs);
    }

    /** The newest subscription. */
    public Run run() {
        return runs.get(runs.size() - 1);
    }

    /** A new buffer that holds {@code number}. */
    public ByteBuf numbered(int number) {
        Tracked buffer = new Tracked();
        buffer.writeInt(number);
        made.add(buffer);
        return buffer;
    }

    /** The numbers of the buffers that nobody has released, and of those released and released again. */
    public List<Integer> unreleased() {
        List<Integer> unreleased = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            if (made.get(i).refCnt() != 0 || made.get(i).releasedAgain) {
                unreleased.add(i);
            }
        }
        return unreleased;
    }

    /** Remembers a release too many: who releases may catch what it throws. */
    private static final class Tracked extends UnpooledHeapByteBuf {

        private volatile boolean releasedAgain;

        Tracked() {
            super(UnpooledByteBufAllocator.DEFAULT, Integer.BYTES, Integer.BYTES);
        }

        @Override
        public boolean release() {
            releasedAgain |= refCnt() == 0;
            return super.release();
        }

        @Override
        public boolean release(int decrement) {
            releasedAgain |= refCnt() == 0;
            return super.release(decrement);
        }
    }

    /** One subscription. */
    public final class Run implements Subscription {

        private final CoreSubscriber<? super ByteBuf> actual;
        private final AtomicLong requested = new AtomicLong();
        private volatile boolean cancelled;

        private Run(CoreSubscriber<? super ByteBuf> actual) {
            this.actual = actual;
        }

        public Context context() {
            return actual.currentContext();
        }

        public long requested() {
            return requested.get();
        }

        public boolean isCancelled() {
            return cancelled;
        }

        public Run next(int number) {
            actual.onNext(numbered(number));
            return this;
        }

        /** As many values as are asked for, at most up to {@code end}, beginning with {@code begin}; returns the next. */
        public int nextWhileRequested(int begin, int end) {
            int number = begin;
            while (number < end && !cancelled && requested.get() > 0) {
                if (requested.get() != Long.MAX_VALUE) {
                    requested.decrementAndGet();
                }
                next(number++);
            }
            return number;
        }

        public Run complete() {
            actual.onComplete();
            return this;
        }

        public Run error(Throwable error) {
            actual.onError(error);
            return this;
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                throw Exceptions.nullOrNegativeRequestException(n);
            }
            requested.accumulateAndGet(n, Operators::addCap);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
