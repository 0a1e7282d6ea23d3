package io.tidegate.breaker;

import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** A guarded source is a publisher by the rules of Reactive Streams. */
public class FluxGuardTck extends PublisherVerification<Integer> {

    private final Breaker breaker = Breaker.of("tck", BreakerConfig.DEFAULTS);

    public FluxGuardTck() {
        super(new TestEnvironment(500, 50));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        return breaker.guard(Flux.range(0, (int) Math.min(elements, Integer.MAX_VALUE)), Duration.ofMinutes(1));
    }

    @Override
    public Publisher<Integer> createFailedPublisher() {
        Breaker open = Breaker.of("open", BreakerConfig.DEFAULTS);
        open.forceOpen();
        return open.guard(Flux.just(1));
    }
}
