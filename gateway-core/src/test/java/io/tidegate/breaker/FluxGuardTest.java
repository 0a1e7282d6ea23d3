package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

class FluxGuardTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final VirtualTimeScheduler scheduler = VirtualTimeScheduler.getOrSet();
    private final Breaker breaker = Breaker.builder("test")
            .config(BreakerConfig.DEFAULTS.withWindow(10, 10))
            .isFailure(error -> !(error instanceof IllegalArgumentException))
            .ticker(() -> scheduler.now(TimeUnit.NANOSECONDS))
            .scheduler(scheduler)
            .build();
    private final TestPublisher<Integer> source = TestPublisher.create();

    @AfterEach
    void backToRealTime() {
        VirtualTimeScheduler.reset();
    }

    @Test
    void countsACompletionAsASuccess() {
        StepVerifier.create(Flux.just(1, 2, 3).transform(breaker::guard))
                .expectNext(1, 2, 3)
                .verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void countsAnErrorAsAFailure() {
        StepVerifier.create(Flux.concat(Flux.just(1), Flux.error(new IOException("reset")))
                        .transform(breaker::guard))
                .expectNext(1)
                .verifyErrorMessage("reset");

        assertCounted(1, 1);
    }

    @Test
    void countsNoErrorThatIsNoFailure() {
        StepVerifier.create(Flux.error(new IllegalArgumentException()).transform(breaker::guard))
                .verifyError(IllegalArgumentException.class);

        assertCounted(0, 0);
    }

    @Test
    void countsNoCancel() {
        source.flux().transform(breaker::guard).subscribe().dispose();
        StepVerifier.create(source.flux().transform(breaker::guard))
                .then(() -> source.next(1))
                .expectNext(1)
                .thenCancel()
                .verify();

        source.assertCancelled(2);
        assertCounted(0, 0);
    }

    @Test
    void countsEachSubscription() {
        Flux<Integer> assembled = Flux.just(1).transform(breaker::guard);

        assembled.blockLast();
        assembled.blockLast();

        assertCounted(2, 0);
    }

    @Test
    void countsBeforeItSignals() {
        List<BreakerState> seen = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Flux.error(new IOException())
                    .transform(breaker::guard)
                    .doOnError(e -> seen.add(breaker.state()))
                    .onErrorComplete()
                    .blockLast();
        }

        assertThat(seen).hasSize(10).endsWith(BreakerState.CLOSED, BreakerState.OPEN);
    }

    @Test
    void subscribesToNothingWhenOpen() {
        breaker.forceOpen();
        PublisherProbe<Integer> probe = PublisherProbe.of(Flux.just(1));

        StepVerifier.create(probe.flux().transform(breaker::guard))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(BreakerOpenException.class)
                        .hasMessage("breaker test is open for another 10000 ms"));

        probe.assertWasNotSubscribed();
        assertThat(breaker.snapshot().rejected()).isEqualTo(1);
    }

    @Test
    void asksWithEachSubscriptionNotAtAssembly() {
        Flux<Integer> assembled = Flux.just(1).transform(breaker::guard);
        breaker.forceOpen();

        StepVerifier.create(assembled).verifyError(BreakerOpenException.class);
        breaker.automatic();
        StepVerifier.create(assembled).expectNext(1).verifyComplete();
    }

    @Test
    void countsASourceThatThrowsWhenSubscribedToAsAFailure() {
        StepVerifier.create(breaker.guard(throwing(new IOException("no")))).verifyErrorMessage("no");

        assertCounted(1, 1);
    }

    @Test
    void countsASourceThatFailsFatallyWhenSubscribedTo() {
        assertThatThrownBy(() -> breaker.guard(throwing(new LinkageError("no"))).subscribe())
                .isInstanceOf(LinkageError.class);

        assertCounted(1, 1);
    }

    @Test
    void countsNoDownstreamThatThrows() {
        HalfOpenBreaker halfOpen = new HalfOpenBreaker(scheduler);
        List<String> errors = new ArrayList<>();
        Hostile<Integer> downstream = new Hostile<>() {
            @Override
            public void onNext(Integer value) {
                throw new IllegalStateException("downstream " + value);
            }

            @Override
            public void onError(Throwable error) {
                errors.add(error.getMessage());
            }
        };

        halfOpen.breaker().guard(Flux.just(1).hide()).subscribe(downstream);
        halfOpen.breaker().guard(source.flux()).subscribe(downstream);
        assertThatThrownBy(() -> source.next(2)).hasMessage("downstream 2");

        assertThat(errors).as("while subscribing").containsExactly("downstream 1");
        assertThat(halfOpen.breaker().snapshot().calls()).isZero();
        halfOpen.assertAllReturned();
    }

    @Test
    void countsNoDownstreamThatThrowsWhenSubscribed() {
        PublisherProbe<Integer> probe = PublisherProbe.of(Flux.just(1));

        assertThatThrownBy(() -> probe.flux().transform(breaker::guard).subscribe(new Hostile<>() {
                    @Override
                    public void onSubscribe(Subscription s) {
                        throw new IllegalStateException("downstream");
                    }
                }))
                .hasMessage("downstream");

        probe.assertWasNotSubscribed();
        assertCounted(0, 0);
    }

    @Test
    void canBeCancelledWhenTheSourceNeverAnswers() {
        Flux<Integer> silent = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Integer> actual) {}
        };
        HalfOpenBreaker halfOpen = new HalfOpenBreaker(scheduler);

        StepVerifier.create(halfOpen.breaker().guard(silent)).thenCancel().verify();

        halfOpen.assertAllReturned();
    }

    @Test
    void subscribesToNothingWhenCancelledAtOnce() {
        PublisherProbe<Integer> probe = PublisherProbe.of(Flux.just(1));

        probe.flux().transform(breaker::guard).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                cancel();
            }
        });

        probe.assertWasNotSubscribed();
        assertCounted(0, 0);
    }

    @Test
    void passesDemandFromBeforeTheSourceAnswered() {
        AtomicReference<CoreSubscriber<? super Integer>> late = new AtomicReference<>();
        Flux<Integer> slow = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Integer> actual) {
                late.set(actual);
            }
        };

        StepVerifier.create(breaker.guard(slow), 1)
                .thenRequest(1)
                .then(() -> Flux.range(1, 3).subscribe(late.get()))
                .expectNext(1, 2)
                .thenRequest(1)
                .expectNext(3)
                .verifyComplete();
    }

    @Test
    void discardsWhatComesAfterACancel() {
        List<Object> discarded = new ArrayList<>();
        TestPublisher<Integer> stubborn =
                TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);

        breaker.guard(stubborn.flux())
                .contextWrite(context -> Operators.enableOnDiscard(Context.of(context), discarded::add))
                .subscribe()
                .dispose();
        stubborn.next(1);

        assertThat(discarded).containsExactly(1);
    }

    @Test
    void failsWhenNothingCameInTime() {
        StepVerifier.withVirtualTime(() -> breaker.guard(source.flux(), TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .expectSubscription()
                .expectNoEvent(TIMEOUT)
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TimeoutException.class)
                        .hasMessage("breaker test: no answer within 2000 ms of subscribing"));

        source.assertCancelled();
        assertCounted(1, 1);
    }

    @Test
    void waitsForTheFirstValueOnly() {
        StepVerifier.withVirtualTime(() -> breaker.guard(source.flux(), TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .thenAwait(TIMEOUT.minusNanos(1))
                .then(() -> source.next(1))
                .expectNext(1)
                .thenAwait(TIMEOUT.multipliedBy(3))
                .then(() -> source.next(2).complete())
                .expectNext(2)
                .verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void failsInTimeWhenTheSourceNeverAnswers() {
        Flux<Integer> silent = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Integer> actual) {}
        };

        StepVerifier.withVirtualTime(() -> breaker.guard(silent, TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .thenAwait(TIMEOUT)
                .verifyError(TimeoutException.class);

        assertCounted(1, 1);
    }

    @Test
    void cancelsASourceThatAnswersAfterTheTimeout() {
        AtomicReference<CoreSubscriber<? super Integer>> late = new AtomicReference<>();
        Flux<Integer> slow = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Integer> actual) {
                late.set(actual);
            }
        };
        breaker.guard(slow, TIMEOUT).onErrorComplete().subscribe();
        scheduler.advanceTimeBy(TIMEOUT);

        source.flux().subscribe(Objects.requireNonNull(late.get()));

        source.assertCancelled();
        assertCounted(1, 1);
    }

    @Test
    void aTimeoutInFrontOfTheGuardIsAFailure() {
        StepVerifier.withVirtualTime(
                        () -> source.flux().timeout(TIMEOUT, scheduler).transform(breaker::guard),
                        () -> scheduler,
                        Long.MAX_VALUE)
                .thenAwait(TIMEOUT)
                .verifyError(TimeoutException.class);

        assertCounted(1, 1);
    }

    @Test
    void aTimeoutBehindTheGuardIsACancel() {
        StepVerifier.withVirtualTime(
                        () -> source.flux().transform(breaker::guard).timeout(TIMEOUT, scheduler),
                        () -> scheduler,
                        Long.MAX_VALUE)
                .thenAwait(TIMEOUT)
                .verifyError(TimeoutException.class);

        assertCounted(0, 0);
    }

    @Test
    void endsWithAnErrorWhenThereIsNoTimer() {
        scheduler.dispose();
        PublisherProbe<Integer> probe = PublisherProbe.of(Flux.just(1));

        StepVerifier.create(breaker.guard(probe.flux(), TIMEOUT)).verifyError();

        probe.assertWasNotSubscribed();
        assertCounted(0, 0);
    }

    @Test
    void canBeScanned() {
        AtomicReference<Scannable> scanned = new AtomicReference<>();
        Flux<Integer> guarded = breaker.guard(source.flux(), TIMEOUT);
        BaseSubscriber<Integer> subscriber = recording(scanned);
        guarded.subscribe(subscriber);

        Scannable scannable = scanned.get();
        assertThat(Scannable.from(guarded).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(scannable.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.ASYNC);
        assertThat(scannable.scanUnsafe(Scannable.Attr.ACTUAL)).isSameAs(subscriber);
        assertThat(scannable.scan(Scannable.Attr.PARENT)).isNotNull();
        assertThat(scannable.scan(Scannable.Attr.TERMINATED)).isFalse();
        source.complete();
        assertThat(scannable.scan(Scannable.Attr.TERMINATED)).isTrue();
        assertThat(scannable.scan(Scannable.Attr.CANCELLED)).isFalse();

        subscriber = recording(scanned);
        breaker.guard(Flux.<Integer>never()).subscribe(subscriber);
        assertThat(scanned.get().scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        subscriber.cancel();
        assertThat(scanned.get().scan(Scannable.Attr.CANCELLED)).isTrue();
        assertThat(scanned.get().scan(Scannable.Attr.TERMINATED)).isFalse();
    }

    private static BaseSubscriber<Integer> recording(AtomicReference<Scannable> scanned) {
        return new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                scanned.set(Scannable.from(subscription));
            }
        };
    }

    private static Flux<Integer> throwing(Throwable error) {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Integer> actual) {
                throw FluxGuardTest.<RuntimeException>sneaky(error);
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E sneaky(Throwable error) throws E {
        throw (E) error;
    }

    private void assertCounted(int calls, int failures) {
        BreakerSnapshot snapshot = breaker.snapshot();
        assertThat(snapshot.calls()).isEqualTo(calls);
        assertThat(Math.round(snapshot.failureRate() * calls)).isEqualTo(failures);
    }

    /** A subscriber that breaks the rules. */
    private static class Hostile<T> implements CoreSubscriber<T> {

        @Override
        public void onSubscribe(Subscription s) {
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(T value) {}

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onComplete() {}
    }
}
