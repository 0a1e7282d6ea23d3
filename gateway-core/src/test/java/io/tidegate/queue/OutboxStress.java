package io.tidegate.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * A reader cancels while messages are offered, and the next one comes. Each message reaches one of them, the first one's all
 * before the second one's, in order.
 */
@JCStressTest
@State
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "all messages, in order, once; the books balance")
@Outcome(expect = Expect.FORBIDDEN)
public class OutboxStress {

    private final Outbox<Integer> outbox = BoundedQueue.<Integer>of(
                    new QueueConfig(10, 100, Duration.ZERO, Overflow.PAUSE), message -> 4)
            .newOutbox();
    private final Reader first = new Reader();
    private final Reader second = new Reader();

    public OutboxStress() {
        outbox.drain().subscribe(first);
    }

    @Actor
    public void producer() {
        outbox.offer(1);
        outbox.offer(2);
    }

    @Actor
    public void consumer() {
        first.cancel();
        outbox.drain().subscribe(second);
    }

    @Arbiter
    public void end(ZZ_Result result) {
        // A refused one is what a producer that does not wait for room gets while somebody else keeps the books.
        List<Integer> all = new ArrayList<>(first.got);
        all.addAll(second.got);
        Accounting books = outbox.accounting();
        result.r1 = all.equals(List.of(1, 2)) || (all.equals(List.of(1)) && books.accepted() == 1);
        result.r2 = books.balanced() && books.delivered() == all.size() && books.unconfirmed() == 0;
    }

    private static final class Reader extends BaseSubscriber<Integer> {
        final List<Integer> got = new ArrayList<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        protected void hookOnNext(Integer message) {
            got.add(message);
        }
    }
}
