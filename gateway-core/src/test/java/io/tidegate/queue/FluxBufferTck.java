package io.tidegate.queue;

import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** The buffer keeps the rules of Reactive Streams. */
public class FluxBufferTck extends PublisherVerification<Integer> {

    private final BoundedQueue<Integer> queue =
            BoundedQueue.of(new QueueConfig(1000, 1 << 20, Duration.ofMinutes(5), Overflow.PAUSE), number -> 4);

    public FluxBufferTck() {
        super(new TestEnvironment(500, 100));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        return Flux.range(0, (int) Math.min(elements, Integer.MAX_VALUE)).transform(queue::buffer);
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        return Flux.<Integer>error(new IllegalStateException("boom")).transform(queue::buffer);
    }
}
