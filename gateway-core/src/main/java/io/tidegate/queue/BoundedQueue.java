package io.tidegate.queue;

import io.netty.util.ReferenceCountUtil;
import io.tidegate.time.Ticker;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
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
    private final Supplier<Scheduler> scheduler;

    private BoundedQueue(
            QueueConfig config,
            ToLongFunction<? super T> size,
            ByteBudget budget,
            QueueListener listener,
            BiConsumer<? super T, Departure> disposal,
            Supplier<Ledger> ledgers,
            Ticker ticker,
            Supplier<Scheduler> scheduler) {
        this.config = config;
        this.size = size;
        this.budget = budget;
        this.listener = listener;
        this.disposal = disposal;
        this.ledgers = ledgers;
        this.ticker = ticker;
        this.scheduler = scheduler;
    }

    /**
     * Starts from the defaults: no budget, nobody listens, reference-counted messages are released, system time, timers on
     * {@link Schedulers#parallel()}.
     *
     * @param size how many bytes a message counts for, &gt;= 0; asked once per message
     */
    public static <T> BoundedQueue<T> of(QueueConfig config, ToLongFunction<? super T> size) {
        return new BoundedQueue<>(
                Objects.requireNonNull(config),
                Objects.requireNonNull(size),
                ByteBudget.UNLIMITED,
                QueueListener.NONE,
                (message, why) -> ReferenceCountUtil.release(message),
                Ledger::new,
                Ticker.system(),
                Schedulers::parallel);
    }

    /** The same within a budget that it shares with others. */
    public BoundedQueue<T> withBudget(ByteBudget budget) {
        return new BoundedQueue<>(config, size, budget, listener, disposal, ledgers, ticker, scheduler);
    }

    /** The same with a listener; one for all queues, each of which may call it on another thread. */
    public BoundedQueue<T> withListener(QueueListener listener) {
        return new BoundedQueue<>(config, size, budget, listener, disposal, ledgers, ticker, scheduler);
    }

    /**
     * The same with another end for messages: {@code disposal} gets each one that leaves and does not become somebody else's,
     * and has to release it.
     */
    public BoundedQueue<T> withDisposal(BiConsumer<? super T, Departure> disposal) {
        return new BoundedQueue<>(config, size, budget, listener, disposal, ledgers, ticker, scheduler);
    }

    /**
     * The same with ledgers from {@code ledgers}, which is asked for one per queue. They may only have a parent in common if the
     * queues are used by one thread.
     */
    public BoundedQueue<T> withLedgers(Supplier<Ledger> ledgers) {
        return new BoundedQueue<>(config, size, budget, listener, disposal, ledgers, ticker, scheduler);
    }

    /** The same by another clock; {@code scheduler} runs the timers, and what a queue does when its budget has room again. */
    public BoundedQueue<T> withTime(Ticker ticker, Scheduler scheduler) {
        return new BoundedQueue<>(config, size, budget, listener, disposal, ledgers, ticker, () -> scheduler);
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
        return new QueueDrain<>(newQueue(), budget, scheduler.get(), pauses(), survives);
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

    void dispose(T message) {
        disposal.accept(message, Departure.CANCELLED);
    }
}
