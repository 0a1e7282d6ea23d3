package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.testkit.OperatorContract;
import io.tidegate.testkit.TimerProbe;
import reactor.core.publisher.Flux;

/**
 * The contract, with {@code filter} between: {@code retryWhen} itself trusts its source to end once, to call {@code
 * onSubscribe} once per attempt, and not to throw when it is subscribed to, as all of Reactor's own do.
 */
class FluxRetryContractTest extends OperatorContract {

    private final TimerProbe time = new TimerProbe();
    private final RetryPolicy policy = RetryPolicy.builder(RetryConfig.DEFAULTS)
            .retryOn(error -> false)
            .scheduler(time)
            .ticker(time)
            .build();

    @Override
    protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
        return upstream.filter(value -> true).retryWhen(policy.retry());
    }

    @Override
    protected void assertHoldsNothing() {
        assertThat(time.pending()).isZero();
    }
}
