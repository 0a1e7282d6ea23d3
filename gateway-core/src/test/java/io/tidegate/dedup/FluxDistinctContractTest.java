package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.testkit.OperatorContract;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;

class FluxDistinctContractTest extends OperatorContract {

    /** Each look at the clock takes longer than the window lasts: what one subscription saw, the next one doesn't know. */
    private final AtomicLong time = new AtomicLong();

    private final DedupConfig config = new DedupConfig(Duration.ofNanos(1), 1_000);
    private final DedupWindow window = DedupWindow.shared(config, () -> time.addAndGet(10));
    private final Dedup<ByteBuf> dedup = Dedup.of(config, DedupKey.content()).within(window);

    @Override
    protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
        return dedup.distinct(upstream);
    }

    @Override
    protected void assertHoldsNothing() {
        assertThat(window.pending()).isZero();
    }
}
