package io.tidegate.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** A subscriber that releases every buffer and remembers all signals; what an operator discards, it releases too. */
public final class SinkProbe implements CoreSubscriber<ByteBuf> {

    private final List<Integer> values = Collections.synchronizedList(new ArrayList<>());
    private final List<Object> terminals = Collections.synchronizedList(new ArrayList<>());
    private final long initialRequest;
    private Consumer<SinkProbe> onSubscribe = self -> {};
    private Consumer<SinkProbe> onNext = self -> {};
    private volatile @Nullable Subscription subscription;

    /** What {@link #terminals()} holds for a completion. */
    public static final String COMPLETE = "complete";

    /** Requests {@code initialRequest} when subscribed; nothing if it is zero. */
    public SinkProbe(long initialRequest) {
        this.initialRequest = initialRequest;
    }

    /** Requests everything. */
    public SinkProbe() {
        this(Long.MAX_VALUE);
    }

    public SinkProbe whenSubscribed(Consumer<SinkProbe> action) {
        onSubscribe = action;
        return this;
    }

    /** After each value, which is in {@link #values()} by then. */
    public SinkProbe whenNext(Consumer<SinkProbe> action) {
        onNext = action;
        return this;
    }

    @Override
    public Context currentContext() {
        Context discards = Operators.enableOnDiscard(Context.empty(), ReferenceCountUtil::release);
        return discards.put(SinkProbe.class, this);
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
        onSubscribe.accept(this);
        if (initialRequest > 0) {
            s.request(initialRequest);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        try {
            values.add(buffer.getInt(buffer.readerIndex()));
        } finally {
            buffer.release();
        }
        onNext.accept(this);
    }

    @Override
    public void onError(Throwable t) {
        terminals.add(t);
    }

    @Override
    public void onComplete() {
        terminals.add(COMPLETE);
    }

    public void request(long n) {
        subscription().request(n);
    }

    public void cancel() {
        subscription().cancel();
    }

    public boolean isSubscribed() {
        return subscription != null;
    }

    public List<Integer> values() {
        return List.copyOf(values);
    }

    /** Each {@link #COMPLETE} or an error. */
    public List<Object> terminals() {
        return List.copyOf(terminals);
    }

    private Subscription subscription() {
        Subscription s = subscription;
        if (s == null) {
            throw new IllegalStateException("no subscription (expected: onSubscribe first)");
        }
        return s;
    }
}
