package io.tidegate.queue;

import io.netty.util.ReferenceCountUtil;
import io.tidegate.time.Ticker;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What a queue is to be like: bounds, size of a message, budget, and who hears of what. It makes queues, each with messages
 * and a ledger of its own: {@link #buffer} one per subscription, {@link #newOutbox()} and {@link #newQueue()} one per call.
 *
 * <p><b>Threads:</b> any; immutable.
 */
public final class BoundedQueue<T> {

    private final QueueConfig config;
    private final ToLongFunction<? super T> size;
    private final ByteBudget budget;
    private final QueueListener listener;
    private final BiConsumer<? super T, Departure> disposal;
    private final Supplier<Ledger> ledgers;
    private final Ticker ticker;
    private final @Nullable Scheduler scheduler;

    private BoundedQueue(Builder<T> builder) {
        this.config = builder.config;
        this.size = builder.size;
        this.budget = builder.budget;
        this.listener = builder.listener;
        this.disposal = builder.disposal;
        this.ledgers = builder.ledgers;
        this.ticker = builder.ticker;
        this.scheduler = builder.scheduler;
    }

    /**
     * A queue without a budget and a listener, which releases reference-counted messages.
     *
     * @param size how many bytes a message counts for, &gt;= 0; asked once per message
     */
    public static <T> BoundedQueue<T> of(QueueConfig config, ToLongFunction<? super T> size) {
        return BoundedQueue.<T>builder(config, size).build();
    }

    /** Begins with what {@link #of} gives. */
    public static <T> Builder<T> builder(QueueConfig config, ToLongFunction<? super T> size) {
        return new Builder<>(config, size);
    }

    /**
     * Puts a queue between a source and its subscriber.
     *
     * <p><b>Signals:</b> values pass in order, less those that are dropped. Completion and errors of the source pass when the
     * queue is empty: what was accepted is delivered first. An overflow under {@link Overflow#CLOSE} cancels the source, drops
     * everything and passes a {@link QueueOverflowException} at once; so does a source that sends more than it was asked for
     * to a full queue under {@link Overflow#PAUSE}. A cancel cancels the source and drops everything as
     * {@link Departure#CANCELLED}.
     *
     * <p><b>Demand:</b> of the subscriber: kept. Of the source: under {@code PAUSE} one message at a time while there is room,
     * so that the byte bound holds but for the one in hand; otherwise unbounded.
     *
     * <p><b>Threads:</b> the subscriber is called by the thread that brings a message, asks for one, or runs a timer.
     * Nothing blocks: who comes second leaves its work to the one who came first.
     *
     * <p><b>Ownership:</b> a message is the subscriber's from {@code onNext} on; all others go to the disposal.
     *
     * <p><b>State:</b> one queue per subscription.
     */
    public Flux<T> buffer(Flux<T> source) {
        return new FluxBuffer<>(source, this);
    }

    /** A queue that outlives its subscribers. */
    public Outbox<T> newOutbox() {
        return new Outbox<>(this);
    }

    /** The queue alone, without Reactor: for one thread. */
    public MessageQueue<T> newQueue() {
        return new MessageQueue<>(config, budget, listener, disposal, ledgers.get(), ticker);
    }

    /** A queue for many threads; {@code survives} a cancel of its reader, or not. */
    QueueDrain<T> newDrain(boolean survives) {
        // The newest default, not that of the time of building: virtual time replaces it.
        Scheduler timers = scheduler == null ? Schedulers.parallel() : scheduler;
        return new QueueDrain<>(newQueue(), budget, timers, pauses(), survives);
    }

    boolean pauses() {
        return config.overflow() == Overflow.PAUSE;
    }

    long sizeOf(T message) {
        long bytes = size.applyAsLong(message);
        if (bytes < 0) {
            throw new IllegalArgumentException("size: " + bytes + " (expected: >= 0)");
        }
        return bytes;
    }

    /** Collects what a queue consists of. <b>Threads:</b> one. */
    public static final class Builder<T> {

        private final QueueConfig config;
        private final ToLongFunction<? super T> size;
        private ByteBudget budget = ByteBudget.UNLIMITED;
        private QueueListener listener = QueueListener.NONE;
        private BiConsumer<? super T, Departure> disposal = (message, why) -> ReferenceCountUtil.release(message);
        private Supplier<Ledger> ledgers = Ledger::new;
        private Ticker ticker = Ticker.system();
        private @Nullable Scheduler scheduler;

        private Builder(QueueConfig config, ToLongFunction<? super T> size) {
            this.config = Objects.requireNonNull(config);
            this.size = Objects.requireNonNull(size);
        }

        /** What the queues share with each other, and with others; unlimited by default. */
        public Builder<T> budget(ByteBudget value) {
            budget = value;
            return this;
        }

        /** Who hears of messages, of all queues, each of which may call on another thread; nobody by default. */
        public Builder<T> listener(QueueListener value) {
            listener = value;
            return this;
        }

        /**
         * Gets each message that leaves and does not become somebody else's, and has to release it; by default it releases
         * those that are reference-counted.
         */
        public Builder<T> disposal(BiConsumer<? super T, Departure> value) {
            disposal = value;
            return this;
        }

        /**
         * Is asked for one ledger per queue; by default each is one of its own. They may only have a parent in common if the
         * queues are used by one thread.
         */
        public Builder<T> ledgers(Supplier<Ledger> value) {
            ledgers = value;
            return this;
        }

        /** Tells how long messages wait; the machine's clock by default. */
        public Builder<T> ticker(Ticker value) {
            ticker = value;
            return this;
        }

        /** Runs timers, and what a queue does when its budget has room again; by default parallel. */
        public Builder<T> scheduler(Scheduler value) {
            scheduler = value;
            return this;
        }

        /** The queue. */
        public BoundedQueue<T> build() {
            return new BoundedQueue<>(this);
        }
    }
}
