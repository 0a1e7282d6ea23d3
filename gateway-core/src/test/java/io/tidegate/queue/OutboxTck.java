package io.tidegate.queue;

import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;

/** An outbox keeps the rules of Reactive Streams towards its subscriber. */
public class OutboxTck extends PublisherVerification<Integer> {

    public OutboxTck() {
        super(new TestEnvironment(500, 100));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        Outbox<Integer> outbox = BoundedQueue.<Integer>of(
                        new QueueConfig(10_000, 1 << 20, Duration.ofMinutes(5), Overflow.DROP_OLDEST), number -> 4)
                .newOutbox();
        for (int i = 0; i < Math.min(elements, 10_000); i++) {
            outbox.offer(i);
        }
        if (elements <= 10_000) {
            outbox.complete();
        }
        return outbox.drain();
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        Outbox<Integer> outbox = BoundedQueue.<Integer>of(
                        new QueueConfig(1, 1, Duration.ZERO, Overflow.CLOSE), number -> 4)
                .newOutbox();
        outbox.offer(1);
        return outbox.drain();
    }
}
