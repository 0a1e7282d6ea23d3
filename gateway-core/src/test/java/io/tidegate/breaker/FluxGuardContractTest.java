package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.testkit.OperatorContract;
import io.tidegate.testkit.TimerProbe;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Flux;
import reactor.test.scheduler.VirtualTimeScheduler;

class FluxGuardContractTest {

    @Nested
    class WithoutTimeout extends OperatorContract {

        private final HalfOpenBreaker halfOpen = new HalfOpenBreaker(VirtualTimeScheduler.create());

        @Override
        protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
            return halfOpen.breaker().guard(upstream);
        }

        @Override
        protected void assertHoldsNothing() {
            halfOpen.assertAllReturned();
        }
    }

    @Nested
    class WithTimeout extends OperatorContract {

        private final TimerProbe scheduler = new TimerProbe();
        private final HalfOpenBreaker halfOpen = new HalfOpenBreaker(scheduler);
        private final int timers = scheduler.pending();

        @Override
        protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
            return halfOpen.breaker().guard(upstream, Duration.ofSeconds(1));
        }

        @Override
        protected void assertHoldsNothing() {
            halfOpen.assertAllReturned();
            assertThat(scheduler.pending()).as("timers").isEqualTo(timers);
        }
    }
}
