package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.queue.MessageQueue.Offer;
import io.tidegate.testkit.TimerProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

class OutboxTest {

    private final ByteBudget budget = new ByteBudget(100);
    private final List<String> log = new ArrayList<>();
    private final TimerProbe timers = new TimerProbe();
    private final Outbox<String> outbox = outbox(3, Overflow.PAUSE);

    private Outbox<String> outbox(int maxMessages, Overflow overflow) {
        return BoundedQueue.<String>builder(
                        new QueueConfig(maxMessages, 50, Duration.ofSeconds(10), overflow), String::length)
                .budget(budget)
                .disposal((message, why) -> log.add(message + ' ' + why.label()))
                .ticker(timers.ticker())
                .scheduler(timers)
                .build()
                .newOutbox();
    }

    private void offer(String... messages) {
        for (String message : messages) {
            assertThat(outbox.offer(message)).isEqualTo(Offer.QUEUED);
        }
    }

    /** Keeps what it gets. */
    private static class Reader<T> extends BaseSubscriber<T> {
        final List<T> got = new ArrayList<>();
        final List<Object> ends = new ArrayList<>();
        private final long demand;
        private final BiConsumer<Reader<T>, T> onNext;

        Reader(long demand, BiConsumer<Reader<T>, T> onNext) {
            this.demand = demand;
            this.onNext = onNext;
        }

        Reader(long demand) {
            this(demand, (self, value) -> {});
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            if (demand > 0) {
                subscription.request(demand);
            }
        }

        @Override
        protected void hookOnNext(T value) {
            got.add(value);
            onNext.accept(this, value);
        }

        @Override
        protected void hookOnComplete() {
            ends.add("complete");
        }

        @Override
        protected void hookOnError(Throwable error) {
            ends.add(error);
        }
    }

    private static List<String> messages(Reader<Delivery<String>> reader) {
        return reader.got.stream().map(Delivery::message).toList();
    }

    @Test
    void deliversWhatWasOfferedBeforeAndAfter() {
        offer("a");
        Reader<String> reader = new Reader<>(Long.MAX_VALUE);
        outbox.drain().subscribe(reader);
        offer("b");

        assertThat(reader.got).containsExactly("a", "b");
        assertThat(outbox.accounting()).isEqualTo(new Accounting(2, 2, 0, 0, 0, 0, Map.of()));
        assertThat(log).isEmpty();
    }

    @Test
    void theNextSubscriberGoesOnWhereTheLastOneStopped() {
        offer("a", "b", "c");
        Reader<String> first = new Reader<>(9, (self, message) -> {
            if (message.equals("b")) {
                self.cancel();
            }
        });
        outbox.drain().subscribe(first);
        Reader<String> second = new Reader<>(9);
        outbox.drain().subscribe(second);

        assertThat(first.got).containsExactly("a", "b");
        assertThat(second.got).containsExactly("c");
    }

    @Test
    void whatIsNotConfirmedComesAgainFirst() {
        offer("a", "b", "c");
        Reader<Delivery<String>> first = new Reader<>(2);
        outbox.deliveries().subscribe(first);
        outbox.confirm(first.got.get(0));
        first.cancel();
        offer("d");
        Reader<Delivery<String>> second = new Reader<>(9);
        outbox.deliveries().subscribe(second);

        assertThat(messages(first)).containsExactly("a", "b");
        assertThat(messages(second)).containsExactly("b", "c", "d");
        assertThat(second.got).extracting(Delivery::attempt).containsExactly(2, 1, 1);
        assertThat(log).containsExactly("a delivered");
        assertThat(outbox.accounting()).isEqualTo(new Accounting(4, 1, 0, 3, 0, 0, Map.of()));
    }

    @Test
    void oneConfirmationCanStandForAllBefore() {
        offer("a", "b", "c");
        Reader<Delivery<String>> reader = new Reader<>(9);
        outbox.deliveries().subscribe(reader);

        outbox.confirmThrough(reader.got.get(1));

        assertThat(log).containsExactly("a delivered", "b delivered");
        assertThat(outbox.accounting().unconfirmed()).isEqualTo(1);
    }

    @Test
    void aRequeuedMessageComesAgain() {
        offer("a", "b");
        Reader<Delivery<String>> reader = new Reader<>(3);
        outbox.deliveries().subscribe(reader);

        outbox.requeue(reader.got.get(0));

        assertThat(messages(reader)).containsExactly("a", "b", "a");
    }

    @Test
    void unconfirmedMessagesHoldTheProducerBack() {
        offer("a", "b", "c");
        Reader<Delivery<String>> reader = new Reader<>(9);
        outbox.deliveries().subscribe(reader);
        List<String> told = new ArrayList<>();

        assertThat(outbox.hasRoom()).isFalse();
        assertThat(outbox.offer("d")).isEqualTo(Offer.REFUSED);
        outbox.whenRoom(() -> told.add("room"));
        assertThat(told).isEmpty();
        outbox.confirm(reader.got.get(0));

        assertThat(told).containsExactly("room");
        assertThat(outbox.hasRoom()).isTrue();
        outbox.whenRoom(() -> told.add("still"));
        assertThat(told).containsExactly("room", "still");
    }

    @Test
    void policiesThatRefuseNothingAlwaysHaveRoom() {
        Outbox<String> dropping = outbox(1, Overflow.DROP_OLDEST);
        dropping.offer("a");
        List<String> told = new ArrayList<>();

        dropping.whenRoom(() -> told.add("room"));

        assertThat(dropping.hasRoom()).isTrue();
        assertThat(told).containsExactly("room");
    }

    @Test
    void hasOneSubscriberAtATime() {
        Reader<String> first = new Reader<>(1);
        outbox.drain().subscribe(first);

        StepVerifier.create(outbox.drain()).verifyErrorMessage("readers: 2 (expected: one at a time)");

        offer("a");
        assertThat(first.got).containsExactly("a");
        first.cancel();
        Reader<String> second = new Reader<>(1);
        outbox.drain().subscribe(second);
        offer("b");
        assertThat(second.got).containsExactly("b");
    }

    @Test
    void expiresWhileNobodyReads() {
        offer("a");
        timers.advance(Duration.ofSeconds(6));
        offer("b");
        assertThat(timers.pending()).isEqualTo(1);

        timers.advance(Duration.ofSeconds(4));

        assertThat(log).containsExactly("a expired");
        assertThat(timers.pending()).isEqualTo(1);
        timers.advance(Duration.ofSeconds(6));
        assertThat(log).containsExactly("a expired", "b expired");
        assertThat(timers.pending()).isZero();
    }

    @Test
    void completesWhenAllIsDelivered() {
        offer("a", "b");
        outbox.complete();
        Reader<String> reader = new Reader<>(1);
        outbox.drain().subscribe(reader);
        assertThat(reader.ends).isEmpty();

        reader.request(1);

        assertThat(reader.ends).containsExactly("complete");
        assertThat(timers.pending()).isZero();
    }

    @Test
    void completesWhenAllIsConfirmed() {
        offer("a");
        outbox.complete();
        Reader<Delivery<String>> reader = new Reader<>(9);
        outbox.deliveries().subscribe(reader);
        assertThat(reader.ends).isEmpty();

        outbox.confirm(reader.got.get(0));

        assertThat(reader.ends).containsExactly("complete");
    }

    @Test
    void aCloseDropsEverythingTheUnconfirmedIncluded() {
        offer("a", "b", "c");
        Reader<Delivery<String>> reader = new Reader<>(2);
        outbox.deliveries().subscribe(reader);

        outbox.close(Departure.UNDELIVERABLE);

        assertThat(reader.ends).containsExactly("complete");
        assertThat(log).containsExactlyInAnyOrder("a undeliverable", "b undeliverable", "c undeliverable");
        assertThat(outbox.offer("d")).isEqualTo(Offer.CLOSED);
        assertThat(outbox.accounting())
                .isEqualTo(new Accounting(4, 0, 0, 0, 0, 0, Map.of(Departure.UNDELIVERABLE, 4L)));
        assertThat(budget.used()).isZero();
        assertThat(timers.pending()).isZero();
        StepVerifier.create(outbox.drain()).verifyComplete();
    }

    @Test
    void isNotClosedByWhatIsNoDrop() {
        assertThatThrownBy(() -> outbox.close(Departure.DELIVERED)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void canBeClosedByItsReader() {
        offer("a", "b");
        Reader<Delivery<String>> reader = new Reader<>(9, (self, delivery) -> {
            outbox.close(Departure.CLOSED);
            assertThat(log).containsExactly("b closed");
        });
        outbox.deliveries().subscribe(reader);

        assertThat(messages(reader)).containsExactly("a");
        assertThat(reader.ends).containsExactly("complete");
        assertThat(log).containsExactly("b closed", "a closed");
    }

    @Test
    void everySubscriberLearnsOfTheOverflow() {
        Outbox<String> closing = outbox(1, Overflow.CLOSE);
        Reader<String> reader = new Reader<>(0);
        closing.drain().subscribe(reader);

        assertThat(closing.offer("a")).isEqualTo(Offer.QUEUED);
        assertThat(closing.offer("b")).isEqualTo(Offer.CLOSED);

        assertThat(reader.ends).singleElement().isInstanceOf(QueueOverflowException.class);
        StepVerifier.create(closing.drain()).verifyError(QueueOverflowException.class);
        assertThat(log).containsExactly("a overflow", "b overflow");
    }

    @Test
    void aBadRequestEndsItsReaderOnly() {
        offer("a");
        Reader<String> bad = new Reader<>(0);
        outbox.drain().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(-1);
            }

            @Override
            protected void hookOnError(Throwable error) {
                bad.ends.add(error);
            }
        });

        assertThat(bad.ends).singleElement().isInstanceOf(IllegalArgumentException.class);
        Reader<String> good = new Reader<>(1);
        outbox.drain().subscribe(good);
        assertThat(good.got).containsExactly("a");
    }

    @Test
    void whatIsOfferedFromWithinASubscriberComesLater() {
        Reader<String> reader = new Reader<>(9, (self, message) -> {
            if (message.length() < 4) {
                assertThat(outbox.offer(message + message)).isEqualTo(Offer.QUEUED);
            }
        });
        outbox.drain().subscribe(reader);

        offer("a");

        assertThat(reader.got).containsExactly("a", "aa", "aaaa");
    }

    @Test
    void aSubscriberCanConfirmAndRequeueFromWithin() {
        offer("a", "b");
        Reader<Delivery<String>> reader = new Reader<>(9, (self, delivery) -> {
            if (delivery.attempt() == 1) {
                outbox.requeue(delivery);
            } else {
                outbox.confirm(delivery);
            }
        });
        outbox.deliveries().subscribe(reader);

        assertThat(messages(reader)).containsExactly("a", "a", "b", "b");
        assertThat(log).containsExactly("a delivered", "b delivered");
    }

    @Test
    void accountsForDuplicates() {
        outbox.duplicate("a");

        assertThat(outbox.accounting()).isEqualTo(new Accounting(1, 0, 0, 0, 0, 1, Map.of()));
    }

    @Test
    void waitsForTheSharedBudget() {
        budget.tryReserve(100);
        List<String> told = new ArrayList<>();
        assertThat(outbox.offer("a")).isEqualTo(Offer.REFUSED);
        outbox.whenRoom(() -> told.add("room"));

        budget.release(1);
        timers.runDue();

        assertThat(told).containsExactly("room");
        assertThat(outbox.offer("a")).isEqualTo(Offer.QUEUED);
    }

    @Test
    void knowsOfRoomThatOthersTakeAndLeave() {
        budget.tryReserve(100);
        assertThat(outbox.hasRoom()).as("budget used up by others").isFalse();
        assertThat(outbox.offer("a")).isEqualTo(Offer.REFUSED);

        budget.release(100);
        assertThat(outbox.hasRoom())
                .as("room again, of which nobody told the outbox")
                .isTrue();
        offer("a");
    }

    @Test
    void anActionThatThrowsStopsNobody() {
        Reader<Delivery<String>> reader = new Reader<>(10);
        offer("a", "b", "c");
        outbox.deliveries().subscribe(reader);
        outbox.whenRoom(() -> {
            throw new IllegalStateException("action");
        });

        outbox.confirm(reader.got.get(0));
        offer("d");
        assertThat(reader.got).extracting(Delivery::message).containsExactly("a", "b", "c", "d");
    }

    @Test
    void anActionThatThrowsWithinADeliveryStopsNobody() {
        offer("a", "b", "c");
        outbox.whenRoom(() -> {
            throw new IllegalStateException("action");
        });
        Reader<String> reader = new Reader<>(10);

        outbox.drain().subscribe(reader);

        assertThat(reader.got).containsExactly("a", "b", "c");
        offer("d");
        assertThat(reader.got).containsExactly("a", "b", "c", "d");
    }

    @Test
    void aSubscriberThatThrowsWhenItIsToldTheEndDoesNotKeepItFromOthers() {
        offer("a");
        List<String> ends = new ArrayList<>();
        outbox.drain().subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription s) {
                s.request(5);
            }

            @Override
            public void onNext(String message) {}

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onComplete() {
                ends.add("first");
                throw new IllegalStateException("onComplete");
            }
        });

        outbox.complete();
        Reader<String> second = new Reader<>(5);
        outbox.drain().subscribe(second);

        assertThat(ends).containsExactly("first");
        assertThat(second.ends).containsExactly("complete");
    }
}
