package io.tidegate.dedup;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.tidegate.time.Ticker;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Drops messages that came before: {@code flux.transform(dedup::distinct)}.
 *
 * <p><b>Scope.</b> Each subscription has a window of its own, unless one is given that all share ({@link #within}): that is the
 * difference between a session's duplicates and a route's. Different windows know nothing of each other, so equal keys in
 * them don't collide.
 *
 * <p><b>Two phases.</b> The first message with a key is taken on when it comes, and remembered once it is delivered. If it
 * can't be delivered its key is forgotten, so that a resend passes. A resend that comes while the first is still under
 * way is dropped: its fate is the first one's, of which its sender is told.
 *
 * <p><b>Threads:</b> any; immutable. <b>State:</b> none but a shared window, if there is one.
 *
 * @param <T> messages
 */
public final class Dedup<T> {

    private static final Logger LOG = LoggerFactory.getLogger(Dedup.class);

    private final DedupConfig config;
    private final DedupKey key;
    private final Function<? super T, ByteBuf> payload;
    private final Settings<T> settings;

    /** What has a default. */
    private record Settings<T>(
            DedupListener listener,
            Consumer<? super T> discard,
            Ticker ticker,
            @Nullable DedupWindow shared) {}

    private Dedup(DedupConfig config, DedupKey key, Function<? super T, ByteBuf> payload, Settings<T> settings) {
        this.config = config;
        this.key = key;
        this.payload = payload;
        this.settings = settings;
        KeyHash.drawSeed();
    }

    /** Dedup of messages that are their payload. */
    public static Dedup<ByteBuf> of(DedupConfig config, DedupKey key) {
        return of(config, key, message -> message);
    }

    /**
     * Dedup of messages of any type.
     *
     * @param payload finds the payload in a message; doesn't retain it
     */
    public static <T> Dedup<T> of(DedupConfig config, DedupKey key, Function<? super T, ByteBuf> payload) {
        return new Dedup<>(
                config,
                key,
                payload,
                new Settings<>(DedupListener.NONE, ReferenceCountUtil::release, Ticker.system(), null));
    }

    /** The same, telling {@code listener}. Default: {@link DedupListener#NONE}. */
    public Dedup<T> listener(DedupListener listener) {
        return with(new Settings<>(listener, settings.discard, settings.ticker, settings.shared));
    }

    /**
     * The same, giving what it drops to {@code discard}, the only one who gets it. Default: releases what is reference-counted.
     */
    public Dedup<T> discard(Consumer<? super T> discard) {
        return with(new Settings<>(settings.listener, discard, settings.ticker, settings.shared));
    }

    /** The same, with another clock for the windows that it makes. Default: {@link Ticker#system()}. */
    public Dedup<T> ticker(Ticker ticker) {
        return with(new Settings<>(settings.listener, settings.discard, ticker, settings.shared));
    }

    /**
     * The same, with one window for all subscriptions and gates.
     *
     * @param window a {@linkplain DedupWindow#shared shared} one, unless all are on one thread
     */
    public Dedup<T> within(DedupWindow window) {
        return with(new Settings<>(settings.listener, settings.discard, settings.ticker, window));
    }

    private Dedup<T> with(Settings<T> changed) {
        return new Dedup<>(config, key, payload, changed);
    }

    /**
     * Passes the first message of each key, and drops the others.
     *
     * <p>Delivered is what the subscriber's {@code onNext} took: its key is remembered when that returns, unless the
     * subscriber cancelled meanwhile or it threw.
     *
     * <p><b>Signals:</b> completion and errors pass; an error of the key or the payload ends the stream. <b>Demand:</b> passed
     * through; each message dropped is made up for by a request for one more. <b>Threads:</b> the source's. <b>Ownership:</b>
     * what passes is the subscriber's; what is dropped, or comes after a cancel, goes to the {@linkplain #discard discard
     * hook}, and not to {@code doOnDiscard}. <b>State:</b> per subscription, or the shared window.
     */
    public Flux<T> distinct(Flux<T> source) {
        return new FluxDistinct<>(source, this);
    }

    /**
     * Delivers the first message of each key, one at a time and in order, and drops the others.
     *
     * <p>Delivered is what {@code send} completed for. If it fails, the key is forgotten and the result fails with the same
     * error: subscribed to again, with the message sent again, it delivers it.
     *
     * <p><b>Signals:</b> completes when the source has and the last message is delivered; cancel cancels the source and what
     * is under way, whose key is forgotten. <b>Demand:</b> one message at a time. <b>Threads:</b> the source's, and those that
     * {@code send} completes on. <b>Ownership:</b> a message is {@code send}'s from the call on, even if it throws; what
     * is dropped, has a key that can't be read, or comes after a cancel, goes to the {@linkplain #discard discard hook}, and
     * not to {@code doOnDiscard}. <b>State:</b> per subscription, or the shared window.
     *
     * @param send delivers a message; its result is subscribed to at once, and only once
     */
    public Mono<Void> deliver(Flux<T> source, Function<? super T, ? extends Publisher<Void>> send) {
        // A cancel may come while send completes elsewhere: the window must stand that.
        return Mono.defer(() -> {
            DedupGate<T> gate = gate(() -> DedupWindow.shared(config, settings.ticker));
            return source.map(message -> new Waiting<>(message, gate))
                    .concatMap(waiting -> delivery(gate, waiting.message, send), 0)
                    .doOnDiscard(Waiting.class, waiting -> drop(waiting, gate))
                    .then();
        });
    }

    /**
     * A message that {@link #delivery} hasn't seen. If it never does, as a cancel or a key that can't be read came first,
     * Reactor discards it: under this type, so that no hook of the caller's gets it too.
     */
    private record Waiting<T>(T message, DedupGate<T> gate) {}

    /** Drops what waited for this gate; hooks also hear of what deliveries further up or down discard. */
    private void drop(Waiting<?> waiting, DedupGate<T> own) {
        if (waiting.gate == own) {
            @SuppressWarnings("unchecked") // as it is the gate of a T
            T message = (T) waiting.message;
            drop(message);
        }
    }

    private Publisher<Void> delivery(
            DedupGate<T> gate, T message, Function<? super T, ? extends Publisher<Void>> send) {
        long admission = gate.admit(message);
        if (admission == DedupGate.DUPLICATE) {
            drop(message);
            return Mono.empty();
        }
        return Flux.defer(() -> send.apply(message))
                .doOnComplete(() -> gate.end(admission, true))
                .doOnError(e -> gate.end(admission, false))
                .doOnCancel(() -> gate.end(admission, false));
    }

    /** A gate with a window of its own, for one thread at a time, or with the shared one. */
    public DedupGate<T> gate() {
        return gate(() -> DedupWindow.create(config, settings.ticker));
    }

    private DedupGate<T> gate(Supplier<DedupWindow> own) {
        DedupWindow shared = settings.shared;
        return new DedupGate<>(payload, key, shared == null ? own.get() : shared, settings.listener);
    }

    /** Gives a message to the discard hook. */
    void drop(T message) {
        try {
            settings.discard.accept(message);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.warn("The discard hook failed.", e);
        }
    }
}
