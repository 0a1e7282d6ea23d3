package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import io.tidegate.testkit.TimerProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class FluxBufferTest {

    private static final Duration TTL = Duration.ofSeconds(10);

    private final ByteBudget budget = new ByteBudget(100);
    private final List<String> log = new ArrayList<>();
    private final Ledger ledger = new Ledger();
    private final TimerProbe timers = new TimerProbe();

    private BoundedQueue<String> queue(int maxMessages, long maxBytes, Overflow overflow) {
        return builder(maxMessages, maxBytes, overflow).build();
    }

    private BoundedQueue.Builder<String> builder(int maxMessages, long maxBytes, Overflow overflow) {
        return BoundedQueue.<String>builder(new QueueConfig(maxMessages, maxBytes, TTL, overflow), String::length)
                .budget(budget)
                .disposal((message, why) -> log.add(message + ' ' + why.label()))
                .ledgers(() -> ledger)
                .ticker(timers.ticker())
                .scheduler(timers);
    }

    private void assertNothingHeld() {
        assertThat(budget.used()).isZero();
        assertThat(timers.pending()).isZero();
        assertThat(ledger.snapshot().balanced()).isTrue();
        assertThat(ledger.snapshot().queued() + ledger.snapshot().unconfirmed()).isZero();
    }

    @Test
    void asksForOneMessageAtATimeWhileThereIsRoom() {
        TestPublisher<String> source = TestPublisher.create();
        List<Long> requests = new ArrayList<>();
        StepVerifier.create(
                        source.flux().doOnRequest(requests::add).transform(queue(3, 100, Overflow.PAUSE)::buffer), 0)
                .then(() -> assertThat(requests).containsExactly(1L))
                .then(() -> source.next("a", "b"))
                .then(() -> assertThat(requests).containsExactly(1L, 1L, 1L))
                .then(() -> source.next("c"))
                .then(() -> assertThat(requests).hasSize(3))
                .thenRequest(1)
                .expectNext("a")
                .then(() -> assertThat(requests).hasSize(4))
                .thenRequest(10)
                .expectNext("b", "c")
                .then(source::complete)
                .verifyComplete();
        assertNothingHeld();
    }

    @Test
    void asksForNothingWhileTheBytesAreUsedUp() {
        TestPublisher<String> source = TestPublisher.create();
        List<Long> requests = new ArrayList<>();
        StepVerifier.create(source.flux().doOnRequest(requests::add).transform(queue(10, 3, Overflow.PAUSE)::buffer), 0)
                .then(() -> source.next("aa", "bbbb"))
                .then(() -> assertThat(requests).hasSize(2))
                .thenRequest(2)
                .expectNext("aa", "bbbb")
                .then(() -> assertThat(requests).hasSize(3))
                .thenCancel()
                .verify();
    }

    @Test
    void aSourceThatSendsMoreThanItWasAskedForOverflows() {
        TestPublisher<String> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        StepVerifier.create(source.flux().transform(queue(2, 100, Overflow.PAUSE)::buffer), 0)
                .then(() -> source.next("a", "b", "c"))
                .expectError(QueueOverflowException.class)
                .verify();

        source.assertCancelled();
        assertThat(log).containsExactly("a overflow", "b overflow", "c overflow");
        assertNothingHeld();
    }

    @Test
    void theOtherPoliciesNeverHoldTheSourceBack() {
        for (Overflow overflow : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST, Overflow.CLOSE)) {
            List<Long> requests = new ArrayList<>();
            Flux.<String>never()
                    .doOnRequest(requests::add)
                    .transform(queue(2, 100, overflow)::buffer)
                    .subscribe()
                    .dispose();
            assertThat(requests).containsExactly(Long.MAX_VALUE);
        }
    }

    @Test
    void dropsTheOldest() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(queue(2, 100, Overflow.DROP_OLDEST)::buffer), 0)
                .then(() -> source.next("a", "b", "c", "d").complete())
                .thenRequest(9)
                .expectNext("c", "d")
                .verifyComplete();
        assertThat(log).containsExactly("a overflow", "b overflow");
        assertNothingHeld();
    }

    @Test
    void dropsTheNewest() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(queue(2, 100, Overflow.DROP_NEWEST)::buffer), 0)
                .then(() -> source.next("a", "b", "c", "d").complete())
                .thenRequest(9)
                .expectNext("a", "b")
                .verifyComplete();
        assertThat(log).containsExactly("c overflow", "d overflow");
    }

    @Test
    void endsWithAnErrorWhenItOverflowsAndIsToClose() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(queue(2, 100, Overflow.CLOSE)::buffer), 1)
                .then(() -> source.next("a", "b", "c"))
                .expectNext("a")
                .then(() -> source.next("d"))
                .expectErrorMatches(error -> error instanceof QueueOverflowException
                        && error.getMessage()
                                .equals("no room for a message of 1 bytes in a queue of 2 messages and 2 bytes"
                                        + " (limits: 2 messages, 100 bytes; left in the budget: 98 bytes)"))
                .verify();
        source.assertCancelled();
        assertThat(log).containsExactly("b overflow", "c overflow", "d overflow");
        assertNothingHeld();
    }

    @Test
    void completesOnlyWhenItIsEmpty() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(queue(5, 100, Overflow.PAUSE)::buffer), 0)
                .then(() -> source.next("a", "b").complete())
                .then(() -> assertThat(ledger.snapshot().queued()).isEqualTo(2))
                .thenRequest(1)
                .expectNext("a")
                .thenRequest(1)
                .expectNext("b")
                .verifyComplete();
    }

    @Test
    void passesAnErrorWhenWhatCameBeforeIsDelivered() {
        StepVerifier.create(
                        Flux.just("a", "b")
                                .concatWith(Flux.error(new IllegalStateException("boom")))
                                .transform(queue(5, 100, Overflow.PAUSE)::buffer),
                        0)
                .thenRequest(2)
                .expectNext("a", "b")
                .verifyErrorMessage("boom");
        assertNothingHeld();
    }

    @Test
    void endsWhenTheLastOnesExpire() {
        BaseSubscriber<String> nobody = silent();
        Flux.just("a", "b").transform(queue(5, 100, Overflow.PAUSE)::buffer).subscribe(nobody);
        assertThat(timers.pending()).isEqualTo(1);

        timers.advance(TTL);

        assertThat(nobody.isDisposed()).isTrue();
        assertThat(log).containsExactly("a expired", "b expired");
        assertNothingHeld();
    }

    @Test
    void expiresByVirtualTime() {
        StepVerifier.withVirtualTime(
                        () -> Flux.interval(Duration.ofSeconds(6))
                                .map(Object::toString)
                                .take(3)
                                .transform(builder(5, 100, Overflow.PAUSE)
                                        .ticker(ManualTicker.virtual())
                                        .scheduler(VirtualTimeScheduler.get())
                                        .build()::buffer),
                        0)
                .thenAwait(Duration.ofSeconds(15))
                .then(() -> assertThat(log).isEmpty())
                .thenAwait(Duration.ofSeconds(1))
                .then(() -> assertThat(log).containsExactly("0 expired"))
                .thenRequest(5)
                .expectNext("1")
                .thenAwait(Duration.ofSeconds(2))
                .expectNext("2")
                .verifyComplete();
    }

    @Test
    void keepsOneTimerWhateverItHolds() {
        BaseSubscriber<String> nobody = silent();
        TestPublisher<String> source = TestPublisher.create();
        source.flux().transform(queue(50, 100, Overflow.PAUSE)::buffer).subscribe(nobody);
        for (int i = 0; i < 50; i++) {
            source.next("x");
            timers.advance(Duration.ofMillis(100));
        }

        assertThat(timers.pending()).isEqualTo(1);
        assertThat(timers.scheduled()).isEqualTo(1);
        nobody.cancel();
        assertNothingHeld();
    }

    @Test
    void aTimerThatCannotBeSetIsNoFailure() {
        timers.rejectFromNowOn();
        BaseSubscriber<String> slow = silent();
        Flux.just("a").transform(queue(5, 100, Overflow.PAUSE)::buffer).subscribe(slow);
        timers.advance(TTL);

        slow.request(1);

        assertThat(log).containsExactly("a expired");
        assertThat(slow.isDisposed()).isTrue();
    }

    @Test
    void aCancelDropsEverything() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(queue(5, 100, Overflow.PAUSE)::buffer), 0)
                .then(() -> source.next("a", "b", "c"))
                .thenRequest(1)
                .expectNext("a")
                .thenCancel()
                .verify();
        source.assertCancelled();
        assertThat(log).containsExactly("b cancelled", "c cancelled");
        assertThat(ledger.snapshot().dropped(Departure.CANCELLED)).isEqualTo(2);
        assertNothingHeld();
    }

    @Test
    void waitsForTheSharedBudgetAndGoesOn() {
        budget.tryReserve(100);
        TestPublisher<String> source = TestPublisher.create();
        List<String> got = new ArrayList<>();
        List<Long> requests = new ArrayList<>();
        source.flux()
                .doOnRequest(requests::add)
                .transform(queue(5, 100, Overflow.PAUSE)::buffer)
                .subscribe(got::add);
        assertThat(requests).isEmpty();

        budget.release(50);
        assertThat(requests).isEmpty();
        timers.runDue();

        assertThat(requests).containsExactly(1L);
        source.next("a");
        assertThat(got).containsExactly("a");
    }

    @Test
    void whoWasWokenWakesTheNextUnlessTheRoomIsGone() {
        budget.tryReserve(100);
        BoundedQueue<String> queue =
                builder(5, 100, Overflow.PAUSE).ledgers(Ledger::new).build();
        List<List<Long>> requests = new ArrayList<>();
        List<TestPublisher<String>> sources = new ArrayList<>();
        List<BaseSubscriber<String>> subscribers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<Long> mine = new ArrayList<>();
            requests.add(mine);
            TestPublisher<String> source = TestPublisher.create();
            sources.add(source);
            BaseSubscriber<String> subscriber = silent();
            subscribers.add(subscriber);
            source.flux().doOnRequest(mine::add).transform(queue::buffer).subscribe(subscriber);
        }
        subscribers.get(0).cancel();

        budget.release(1);
        timers.runDue();

        assertThat(requests.get(0)).isEmpty();
        assertThat(requests.get(1)).containsExactly(1L);
        assertThat(requests.get(2)).containsExactly(1L);
        sources.get(1).next("a");
        assertThat(budget.hasRoom()).isFalse();
        assertThat(requests.get(1)).hasSize(1);

        budget.release(99);
        timers.runDue();
        assertThat(requests.get(1)).hasSize(2);
        subscribers.forEach(BaseSubscriber::cancel);
        assertThat(budget.used()).isZero();
    }

    @Test
    void isWokenEvenWhenTheSchedulerIsGone() {
        budget.tryReserve(100);
        List<Long> requests = new ArrayList<>();
        Flux.<String>never()
                .doOnRequest(requests::add)
                .transform(queue(5, 100, Overflow.PAUSE)::buffer)
                .subscribe();
        timers.rejectFromNowOn();

        budget.release(1);

        assertThat(requests).containsExactly(1L);
    }

    @Test
    void aSubscriberThatThrowsHasCancelled() {
        List<Throwable> dropped = new ArrayList<>();
        Hooks.onErrorDropped(dropped::add);
        try {
            TestPublisher<String> source = TestPublisher.create();
            RuntimeException broken = new IllegalStateException("broken");
            source.flux().transform(queue(5, 100, Overflow.PAUSE)::buffer).subscribe(new RawSubscriber(broken));

            source.next("a");

            source.assertCancelled();
            assertThat(dropped).containsExactly(broken);
            assertThat(ledger.snapshot().delivered()).isEqualTo(1);
            assertNothingHeld();
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }

    @Test
    void aMessageThatCannotBeMeasuredEndsTheStream() {
        BoundedQueue<String> queue = BoundedQueue.<String>builder(QueueConfig.DEFAULTS, message -> -message.length())
                .ledgers(() -> ledger)
                .disposal((message, why) -> log.add(message + ' ' + why.label()))
                .build();
        TestPublisher<String> source = TestPublisher.create();

        StepVerifier.create(source.flux().transform(queue::buffer))
                .then(() -> source.next("", "abc"))
                .expectNext("")
                .verifyErrorMessage("size: -3 (expected: >= 0)");

        source.assertCancelled();
        assertThat(log).containsExactly("abc cancelled");
        assertThat(ledger.snapshot().accepted()).isEqualTo(2);
        assertThat(ledger.snapshot().dropped(Departure.CANCELLED)).isEqualTo(1);
    }

    @Test
    void aRequestForNothingIsAnError() {
        TestPublisher<String> source = TestPublisher.create();
        List<Throwable> errors = new ArrayList<>();
        source.flux().transform(queue(5, 100, Overflow.PAUSE)::buffer).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(0);
            }

            @Override
            protected void hookOnError(Throwable error) {
                errors.add(error);
            }
        });

        assertThat(errors).singleElement().isInstanceOf(IllegalArgumentException.class);
        source.assertCancelled();
        assertNothingHeld();
    }

    @Test
    void aSlowSubscriberOnAnotherThreadDoesNotStopTheQueueFromFilling() {
        List<Integer> numbers = IntStream.range(0, 10_000).boxed().toList();
        BoundedQueue<Integer> queue = BoundedQueue.of(QueueConfig.DEFAULTS, number -> 4);

        StepVerifier.create(Flux.fromIterable(numbers)
                        .publishOn(Schedulers.parallel())
                        .transform(queue::buffer)
                        .publishOn(Schedulers.single())
                        .collectList())
                .expectNext(numbers)
                .verifyComplete();
    }

    private static BaseSubscriber<String> silent() {
        return new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                // asks for nothing
            }
        };
    }

    private record RawSubscriber(RuntimeException error) implements reactor.core.CoreSubscriber<String> {

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String message) {
            throw error;
        }

        @Override
        public void onError(Throwable t) {
            throw new AssertionError(t);
        }

        @Override
        public void onComplete() {
            throw new AssertionError();
        }
    }
}
