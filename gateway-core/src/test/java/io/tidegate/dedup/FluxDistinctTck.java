package io.tidegate.dedup;

import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** What dedup lets pass is a publisher by the rules of Reactive Streams, also when every second message is dropped. */
public class FluxDistinctTck extends PublisherVerification<Integer> {

    private final Dedup<Integer> dedup = Dedup.of(
            new DedupConfig(Duration.ofHours(1), 1_000), DedupKey.content(), number -> Unpooled.copyInt(number));

    public FluxDistinctTck() {
        super(new TestEnvironment(500, 50));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        int count = (int) Math.min(elements, Integer.MAX_VALUE);
        return Flux.range(0, count)
                .concatMapIterable(number -> List.of(number, number))
                .transform(dedup::distinct);
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        return Flux.<Integer>error(new IllegalStateException("failed")).transform(dedup::distinct);
    }
}
