package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.testkit.OperatorContract;
import io.tidegate.testkit.TimerProbe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Flux;

/** The buffer keeps the contract of operators, and leaves no byte, message or timer behind. */
class FluxBufferContractTest {

    abstract static class Contract extends OperatorContract {

        private final ByteBudget budget = new ByteBudget(1000);
        private final List<Ledger> ledgers = new CopyOnWriteArrayList<>();
        private final TimerProbe timers = new TimerProbe();
        private final BoundedQueue<ByteBuf> queue;

        Contract(Overflow overflow) {
            queue = BoundedQueue.builder(
                            new QueueConfig(10, 100, Duration.ofMinutes(5), overflow), ByteBuf::readableBytes)
                    .budget(budget)
                    .ledgers(this::newLedger)
                    .ticker(timers.ticker())
                    .scheduler(timers)
                    .build();
        }

        @Override
        protected Flux<ByteBuf> apply(Flux<ByteBuf> upstream) {
            return queue.buffer(upstream);
        }

        @Override
        protected void assertHoldsNothing() {
            assertThat(budget.used()).isZero();
            assertThat(ledgers).allSatisfy(ledger -> {
                Accounting books = ledger.snapshot();
                assertThat(books.balanced()).isTrue();
                assertThat(books.queued() + books.unconfirmed()).isZero();
            });
            assertThat(timers.pending()).isZero();
        }

        private Ledger newLedger() {
            Ledger ledger = new Ledger();
            ledgers.add(ledger);
            return ledger;
        }
    }

    @Nested
    class Pausing extends Contract {
        Pausing() {
            super(Overflow.PAUSE);
        }
    }

    @Nested
    class DroppingTheOldest extends Contract {
        DroppingTheOldest() {
            super(Overflow.DROP_OLDEST);
        }
    }

    @Nested
    class Closing extends Contract {
        Closing() {
            super(Overflow.CLOSE);
        }
    }
}
