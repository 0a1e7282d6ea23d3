package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.queue.MessageQueue.Offer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A producer, a consumer and somebody who cancels, each on a thread of its own. */
class OutboxThreadsTest {

    private static final int MESSAGES = 2000;

    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final List<ByteBuf> made = Collections.synchronizedList(new ArrayList<>());
    private final ByteBudget budget = new ByteBudget(1 << 20);
    private final Outbox<ByteBuf> outbox = BoundedQueue.builder(
                    new QueueConfig(16, 1 << 16, Duration.ofMinutes(5), Overflow.PAUSE), ByteBuf::readableBytes)
            .budget(budget)
            .build()
            .newOutbox();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicReference<BaseSubscriber<?>> current = new AtomicReference<>();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @RepeatedTest(20)
    void handsEveryMessageOverOnceAndInOrderWhoeverReads() throws Exception {
        List<Integer> got = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<?> producer = CompletableFuture.runAsync(this::produce, threads);
        CompletableFuture<?> canceller = CompletableFuture.runAsync(this::cancelAgainAndAgain, threads);
        while (end.getCount() > 0) {
            CountDownLatch over = new CountDownLatch(1);
            Reader<ByteBuf> reader = new Reader<>(over) {
                @Override
                protected void hookOnNext(ByteBuf buffer) {
                    got.add(buffer.readInt());
                    buffer.release();
                }
            };
            outbox.drain().subscribe(reader);
            current.set(reader);
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        }
        producer.get(30, TimeUnit.SECONDS);
        canceller.get(30, TimeUnit.SECONDS);

        // A message that crosses a cancel on its way still reaches that reader, before the next one gets anything.
        Accounting books = outbox.accounting();
        assertThat(got).isEqualTo(IntStream.range(0, MESSAGES).boxed().toList());
        assertThat(books.delivered()).isEqualTo(MESSAGES);
        assertThat(made).hasSize(MESSAGES).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(budget.used()).isZero();
    }

    @RepeatedTest(20)
    void everyMessageIsConfirmedHoweverOftenTheReaderChanges() throws Exception {
        List<Integer> got = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<?> producer = CompletableFuture.runAsync(this::produce, threads);
        CompletableFuture<?> canceller = CompletableFuture.runAsync(this::cancelAgainAndAgain, threads);
        while (end.getCount() > 0) {
            CountDownLatch over = new CountDownLatch(1);
            Reader<Delivery<ByteBuf>> reader = new Reader<>(over) {
                @Override
                protected void hookOnNext(Delivery<ByteBuf> delivery) {
                    int number = delivery.message().getInt(0);
                    got.add(number);
                    if (number % 3 == 0) {
                        outbox.confirmThrough(delivery);
                    } else if (number % 7 == 0 && delivery.attempt() == 1) {
                        outbox.requeue(delivery);
                    } else {
                        threads.execute(() -> outbox.confirm(delivery));
                    }
                }
            };
            outbox.deliveries().subscribe(reader);
            current.set(reader);
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        }
        producer.get(30, TimeUnit.SECONDS);
        canceller.get(30, TimeUnit.SECONDS);

        Accounting books = outbox.accounting();
        assertThat(books.delivered()).isEqualTo(MESSAGES);
        assertThat(books.balanced()).isTrue();
        assertThat(got).contains(0, MESSAGES - 1);
        assertThat(made).hasSize(MESSAGES).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(budget.used()).isZero();
    }

    private void produce() {
        Semaphore room = new Semaphore(0);
        for (int i = 0; i < MESSAGES; i++) {
            ByteBuf buffer = Unpooled.buffer(4).writeInt(i);
            made.add(buffer);
            while (outbox.offer(buffer) == Offer.REFUSED) {
                outbox.whenRoom(room::release);
                room.acquireUninterruptibly();
            }
            assertThat(outbox.accounting().balanced()).isTrue();
        }
        outbox.complete();
    }

    private void cancelAgainAndAgain() {
        while (end.getCount() > 0) {
            BaseSubscriber<?> reader = current.getAndSet(null);
            if (reader != null && made.size() % 2 == 0) {
                reader.cancel();
            }
            Thread.onSpinWait();
        }
    }

    private abstract class Reader<T> extends BaseSubscriber<T> {

        private final CountDownLatch over;

        Reader(CountDownLatch over) {
            this.over = over;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        protected void hookOnComplete() {
            end.countDown();
        }

        @Override
        protected void hookFinally(reactor.core.publisher.SignalType type) {
            over.countDown();
        }
    }
}
