package io.tidegate.bench.micro;

import io.tidegate.queue.BoundedQueue;
import io.tidegate.queue.ByteBudget;
import io.tidegate.queue.Delivery;
import io.tidegate.queue.MessageQueue;
import io.tidegate.queue.Outbox;
import io.tidegate.queue.QueueConfig;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** What a message costs that passes a queue, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class QueueBenchmark {

    private static final int MESSAGES = 1000;

    private final String message = "message";
    private final BoundedQueue<String> spec = BoundedQueue.<String>builder(QueueConfig.DEFAULTS, text -> 100)
            .budget(new ByteBudget(1 << 30, new ByteBudget(1L << 40)))
            .build();
    private final MessageQueue<String> empty = spec.newQueue();
    private final MessageQueue<String> full = spec.newQueue();
    private final Outbox<String> outbox = spec.newOutbox();
    private final Flux<String> source =
            Flux.range(0, MESSAGES).map(number -> message).hide();
    private final Flux<String> buffered = source.transform(spec::buffer);

    /** Made by JMH. */
    public QueueBenchmark() {
        for (int i = 0; i < MESSAGES; i++) {
            full.offer(message, 100);
        }
        outbox.drain().subscribe();
    }

    /** Offered, taken, confirmed, in an empty queue, within a budget of two levels. */
    @Benchmark
    public boolean offerTakeConfirm() {
        empty.offer(message, 100);
        Delivery<String> delivery = empty.take();
        return delivery != null && empty.confirm(delivery);
    }

    /** The same at most once, without a {@code Delivery} to keep. */
    @Benchmark
    public @Nullable String offerPoll() {
        empty.offer(message, 100);
        return empty.poll();
    }

    /** A leg is lost: 1000 messages are taken and requeued; per message. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public int takeAndRequeueAll() {
        for (int i = 0; i < MESSAGES; i++) {
            full.take();
        }
        return full.requeueAll();
    }

    /** One message through an outbox with a reader. */
    @Benchmark
    public MessageQueue.Offer outbox() {
        return outbox.offer(message);
    }

    /** One message of 1000 through the operator. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public @Nullable String buffer() {
        return buffered.blockLast();
    }

    /** The same without the operator, for comparison. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public @Nullable String bufferBaseline() {
        return source.blockLast();
    }
}
