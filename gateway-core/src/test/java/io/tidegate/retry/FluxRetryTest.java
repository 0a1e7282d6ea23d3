package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidegate.testkit.ManualTicker;
import io.tidegate.testkit.TimerProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;
import reactor.util.retry.Retry;

class FluxRetryTest {

    private static final RetryConfig CONFIG =
            new RetryConfig(4, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofSeconds(60));
    private static final RetryConfig NO_DEADLINE = CONFIG.withDeadline(Duration.ZERO);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final IOException LOST = new IOException("lost");

    private final TimerProbe time = new TimerProbe();
    private final Events events = new Events();

    @Test
    void passesWhatSucceedsAtOnce() {
        StepVerifier.create(Flux.just(1, 2, 3).retryWhen(policy(CONFIG).retry()))
                .expectNext(1, 2, 3)
                .verifyComplete();

        assertThat(events.heard).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void triesAgainAfterExactlyTheDelaysDrawn() {
        AtomicInteger tries = new AtomicInteger();
        StepVerifier.withVirtualTime(() -> Flux.defer(
                                () -> tries.incrementAndGet() < 4 ? Flux.<Integer>error(LOST) : Flux.just(7))
                        .retryWhen(virtual(NO_DEADLINE)
                                .random(bound -> (bound - 1) / 4 * 3)
                                .build()
                                .retry()))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(75).minus(NANO))
                .then(() -> assertThat(tries).hasValue(1))
                .thenAwait(NANO)
                .then(() -> assertThat(tries).hasValue(2))
                .expectNoEvent(Duration.ofMillis(150).minus(NANO))
                .then(() -> assertThat(tries).hasValue(2))
                .thenAwait(NANO)
                .then(() -> assertThat(tries).hasValue(3))
                .expectNoEvent(Duration.ofMillis(300).minus(NANO))
                .then(() -> assertThat(tries).hasValue(3))
                .thenAwait(NANO)
                .expectNext(7)
                .verifyComplete();
    }

    @Test
    void reachesTheHighestBackoffAndStaysThere() {
        RetryConfig config = new RetryConfig(6, Duration.ofMillis(100), Duration.ofMillis(350), Duration.ZERO);
        StepVerifier.withVirtualTime(() -> Flux.error(LOST)
                        .retryWhen(virtual(config).random(MOST).build().retry()))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(100 + 200 + 350 + 350 + 350).minus(NANO))
                .thenAwait(NANO)
                .verifyErrorSatisfies(e -> assertExhausted(e, GiveUpReason.ATTEMPTS, 6));
    }

    @Test
    void aDelayOfNothingIsStillNotABusyLoop() {
        AtomicInteger tries = new AtomicInteger();
        failing(tries)
                .retryWhen(policy(CONFIG, bound -> 0).retry())
                .subscribe(value -> {}, error -> assertExhausted(error, GiveUpReason.ATTEMPTS, 4));

        time.advance(Duration.ZERO);

        assertThat(tries).hasValue(4);
    }

    @Test
    void passesValuesOfFailedAttemptsAndTheDemandThatIsLeft() {
        AtomicInteger tries = new AtomicInteger();
        Flux<Integer> source = Flux.defer(() -> {
            int first = 10 * tries.incrementAndGet();
            return Flux.range(first, 2).concatWith(Flux.error(LOST));
        });
        Flux<Integer> retried = source.retryWhen(policy(CONFIG).retry());

        StepVerifier.create(retried, 3)
                .expectNext(10, 11)
                .then(() -> time.advance(Duration.ofMillis(100)))
                .expectNext(20)
                .then(() -> time.advance(Duration.ofSeconds(10)))
                .then(() -> assertThat(tries).hasValue(2))
                .thenRequest(2)
                .expectNext(21)
                .then(() -> time.advance(Duration.ofMillis(200)))
                .expectNext(30)
                .thenCancel()
                .verify();
        assertThat(time.pending()).isZero();
    }

    @Test
    void passesAnErrorNotWorthARetryAsItIs() {
        RuntimeException wrong = new IllegalArgumentException("wrong");
        AtomicReference<Throwable> seen = new AtomicReference<>();

        Flux.error(wrong)
                .retryWhen(builder(CONFIG)
                        .retryOn(IOException.class::isInstance)
                        .build()
                        .retry())
                .subscribe(value -> {}, seen::set);

        assertThat(seen.get()).isSameAs(wrong);
        assertThat(events.heard).containsExactly("gave up NOT_RETRYABLE 1 " + wrong);
        assertThat(time.pending()).isZero();
    }

    @Test
    void aPredicateThatThrowsEndsTheRun() {
        IllegalStateException broken = new IllegalStateException("broken");
        RetryPolicy policy = builder(CONFIG)
                .retryOn(error -> {
                    throw broken;
                })
                .build();

        StepVerifier.create(Flux.error(LOST).retryWhen(policy.retry())).verifyErrorMatches(e -> e == broken);
        assertThat(time.pending()).isZero();
    }

    @Test
    void aGateThatThrowsAfterAWaitEndsTheRun() {
        IllegalStateException broken = new IllegalStateException("broken");
        Gate gate = new Gate();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Flux.error(LOST).retryWhen(gated(CONFIG, gate).retry()).subscribe(value -> {}, seen::set);

        gate.untilOpen = () -> {
            throw broken;
        };
        time.advance(Duration.ofMillis(100));

        assertThat(seen.get()).isSameAs(broken);
        assertThat(time.pending()).isZero();
    }

    @Test
    void givesUpWithTheLastErrorAsCause() {
        List<IOException> errors = IntStream.rangeClosed(1, 4)
                .mapToObj(n -> new IOException("attempt " + n))
                .toList();
        AtomicInteger tries = new AtomicInteger();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Flux.defer(() -> Flux.error(errors.get(tries.getAndIncrement())))
                .retryWhen(policy(CONFIG).retry())
                .subscribe(value -> {}, seen::set);

        time.advance(Duration.ofMillis(700));

        assertExhausted(seen.get(), GiveUpReason.ATTEMPTS, 4);
        assertThat(seen.get()).hasCause(errors.get(3));
        assertThat(events.heard)
                .containsExactly(
                        "retry 1 100ms " + errors.get(0),
                        "retry 2 200ms " + errors.get(1),
                        "retry 3 400ms " + errors.get(2),
                        "gave up ATTEMPTS 4 " + errors.get(3));
        assertThat(time.pending()).isZero();
    }

    @Test
    void countsEachSubscriptionByItself() {
        AtomicInteger tries = new AtomicInteger();
        Flux<Object> retried = failing(tries).retryWhen(policy(CONFIG).retry());
        List<Throwable> ends = new ArrayList<>();

        retried.subscribe(value -> {}, ends::add);
        time.advance(Duration.ofMillis(650));
        retried.subscribe(value -> {}, ends::add);
        assertThat(tries).hasValue(3 + 1);
        time.advance(Duration.ofMillis(50));
        assertThat(ends).hasSize(1);
        time.advance(Duration.ofMillis(650));

        assertThat(tries).hasValue(8);
        assertThat(ends).hasSize(2).allSatisfy(end -> assertExhausted(end, GiveUpReason.ATTEMPTS, 4));
    }

    @Test
    void resubscribingStartsAfresh() {
        AtomicInteger tries = new AtomicInteger();
        List<Throwable> ends = new ArrayList<>();
        Flux<Object> retried = failing(tries).retryWhen(policy(CONFIG).retry());

        for (int run = 1; run <= 3; run++) {
            retried.subscribe(value -> {}, ends::add);
            time.advance(Duration.ofMillis(700));
            assertThat(tries).hasValue(4 * run);
            assertThat(ends).hasSize(run);
        }
    }

    @Test
    void oneBudgetBoundsAHundredSubscriptions() {
        ManualTicker still = new ManualTicker();
        RetryBudget budget = RetryBudget.of(0.2, 1, 100, still);
        AtomicInteger tries = new AtomicInteger();
        List<Throwable> ends = new ArrayList<>();
        Flux<Object> retried =
                failing(tries).retryWhen(builder(CONFIG).budget(budget).build().retry());

        for (int i = 0; i < 100; i++) {
            retried.subscribe(value -> {}, ends::add);
        }
        time.advance(Duration.ofSeconds(60));

        assertThat(tries).hasValue(100 + 100 / 5 + 1);
        assertThat(ends).hasSize(100).allMatch(end -> end instanceof RetryExhaustedException);
        assertThat(reasons(ends)).contains(GiveUpReason.BUDGET);
        assertThat(time.pending()).isZero();
    }

    @Test
    void successesPayForTheRetriesOfOthers() {
        RetryBudget budget = RetryBudget.of(0.2, 1, 100, new ManualTicker());
        budget.tryTake();
        Retry retry = builder(CONFIG).budget(budget).build().retry();

        for (int i = 0; i < 10; i++) {
            Flux.just(1).retryWhen(retry).subscribe();
        }

        assertThat(budget.available()).isEqualTo(2);
    }

    @Test
    void cancelDuringADelayLeavesNoTimer() {
        AtomicInteger tries = new AtomicInteger();
        var subscription = failing(tries).retryWhen(policy(CONFIG).retry()).subscribe();
        assertThat(time.pending()).isEqualTo(2);

        subscription.dispose();

        assertThat(time.pending()).isZero();
        time.advance(Duration.ofDays(1));
        assertThat(tries).hasValue(1);
    }

    @Test
    void cancelDuringAnAttemptLeavesNoTimer() {
        TestPublisher<Integer> source = TestPublisher.create();
        var subscription = source.flux().retryWhen(policy(CONFIG).retry()).subscribe();
        assertThat(time.pending()).isEqualTo(1);

        subscription.dispose();

        source.assertCancelled();
        assertThat(time.pending()).isZero();
        assertThat(events.heard).isEmpty();
    }

    @Test
    void cancelWhileBeingSubscribedToLeavesNoTimer() {
        AtomicInteger tries = new AtomicInteger();
        failing(tries).retryWhen(policy(CONFIG).retry()).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.cancel();
            }
        });

        assertThat(tries).hasValue(0);
        assertThat(time.pending()).isZero();
    }

    @Test
    void completionLeavesNoTimer() {
        TestPublisher<Integer> source = TestPublisher.create();
        source.flux().retryWhen(policy(CONFIG).retry()).subscribe();

        source.complete();

        assertThat(time.pending()).isZero();
    }

    @Test
    void setsNoTimerWithoutADeadlineWhileAttemptsSucceed() {
        Flux.never().retryWhen(policy(NO_DEADLINE).retry()).subscribe();

        assertThat(time.pending()).isZero();
    }

    @Test
    void cancelsAnAttemptThatHangsUntilTheDeadline() {
        TestPublisher<Integer> source = TestPublisher.create();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        source.flux().retryWhen(policy(CONFIG).retry()).subscribe(value -> {}, seen::set);

        time.advance(Duration.ofSeconds(60).minus(NANO));
        source.assertNotCancelled();
        time.advance(NANO);

        source.assertCancelled();
        assertExhausted(seen.get(), GiveUpReason.DEADLINE, 1);
        assertThat(seen.get()).hasNoCause();
        assertThat(events.heard).containsExactly("gave up DEADLINE 1 null");
        assertThat(time.pending()).isZero();
    }

    @Test
    void theDeadlineOfAHangingRetryNamesTheErrorBefore() {
        AtomicInteger tries = new AtomicInteger();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Flux.defer(() -> tries.incrementAndGet() == 1 ? Flux.error(LOST) : Flux.never())
                .retryWhen(policy(CONFIG).retry())
                .subscribe(value -> {}, seen::set);

        time.advance(Duration.ofSeconds(60).minus(NANO));
        assertThat(seen.get()).isNull();
        time.advance(NANO);

        assertExhausted(seen.get(), GiveUpReason.DEADLINE, 2);
        assertThat(seen.get()).hasCause(LOST).hasMessageContaining("still under way at the deadline (deadline: 1m)");
        assertThat(events.heard).containsExactly("retry 1 100ms " + LOST, "gave up DEADLINE 2 " + LOST);
    }

    @Test
    void givesUpAtOnceRatherThanWaitPastTheDeadline() {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        AtomicInteger tries = new AtomicInteger();
        failing(tries)
                .retryWhen(policy(CONFIG.withDeadline(Duration.ofMillis(300))).retry())
                .subscribe(value -> {}, seen::set);

        time.advance(Duration.ofMillis(100));

        assertThat(tries).hasValue(2);
        assertExhausted(seen.get(), GiveUpReason.DEADLINE, 2);
        assertThat(time.pending()).isZero();
    }

    @Test
    void emitsNothingAfterTheDeadlineHoweverMuchTheSourceEmits() {
        TestPublisher<Integer> source = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        List<Object> signals = new ArrayList<>();
        source.flux().retryWhen(policy(CONFIG).retry()).subscribe(signals::add, signals::add);

        source.next(1);
        time.advance(Duration.ofSeconds(60));
        source.next(2);
        source.error(LOST);
        time.advance(Duration.ofSeconds(60));

        assertThat(signals).hasSize(2).first().isEqualTo(1);
        assertExhausted((Throwable) signals.get(1), GiveUpReason.DEADLINE, 1);
    }

    @Test
    void waitsForTheGateBeforeARetry() {
        AtomicInteger tries = new AtomicInteger();
        Gate gate = new Gate();
        failing(tries).retryWhen(gated(CONFIG, gate).retry()).subscribe(value -> {}, error -> {});

        gate.untilOpen = () -> Duration.ofSeconds(5);
        time.advance(Duration.ofMillis(100));
        gate.untilOpen = () -> Duration.ZERO;
        time.advance(Duration.ofMillis(5_100).minus(NANO));
        assertThat(tries).hasValue(1);
        time.advance(NANO);

        assertThat(tries).hasValue(2);
        assertThat(events.heard).startsWith("retry 1 100ms " + LOST, "held back 1 5100ms", "retry 2 200ms " + LOST);
    }

    @Test
    void waitsForAGateThatShutsAgainAndAgain() {
        AtomicInteger tries = new AtomicInteger();
        Gate gate = new Gate();
        gate.untilOpen = () -> Duration.ofSeconds(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        failing(tries).retryWhen(gated(CONFIG, gate).retry()).subscribe(value -> {}, seen::set);

        time.advance(Duration.ofSeconds(60));

        assertThat(tries).hasValue(1);
        assertThat(events.heard)
                .containsExactly(
                        "retry 1 1100ms " + LOST,
                        "held back 1 1100ms",
                        "held back 1 1200ms",
                        "held back 1 1400ms",
                        "held back 1 1800ms",
                        "held back 1 2600ms",
                        "held back 1 4200ms",
                        "held back 1 7400ms",
                        "held back 1 11000ms",
                        "held back 1 11000ms",
                        "held back 1 11000ms",
                        "gave up DEADLINE 1 " + LOST);
        assertExhausted(seen.get(), GiveUpReason.DEADLINE, 1);
        assertThat(seen.get()).hasMessageContaining("the gate stays shut");
        assertThat(time.pending()).isZero();
    }

    @Test
    void cancelWhileTheGateIsShutLeavesNoTimer() {
        Gate gate = new Gate();
        gate.untilOpen = () -> Duration.ofSeconds(1);
        var subscription =
                Flux.error(LOST).retryWhen(gated(CONFIG, gate).retry()).subscribe();
        time.advance(Duration.ofSeconds(5));
        assertThat(time.pending()).isEqualTo(2);

        subscription.dispose();

        assertThat(time.pending()).isZero();
    }

    @Test
    void aHalfOpenGateThatRefusesIsAskedLessAndLess() {
        AtomicInteger tries = new AtomicInteger();
        Gate gate = new Gate();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        RetryBudget budget = RetryBudget.of(0, 1, 1, new ManualTicker());
        Flux.defer(() -> {
                    tries.incrementAndGet();
                    return Flux.error(Gate.REFUSAL);
                })
                .retryWhen(gatedBuilder(CONFIG.withMaxAttempts(1), gate)
                        .budget(budget)
                        .build()
                        .retry())
                .subscribe(value -> {}, seen::set);

        time.advance(Duration.ofSeconds(60));

        // 0.1 + 0.2 + … + 6.4 s, then 10 s each
        assertThat(tries).hasValue(1 + 7 + 4);
        assertExhausted(seen.get(), GiveUpReason.DEADLINE, 0);
        assertThat(seen.get()).hasCause(Gate.REFUSAL);
        assertThat(budget.available()).isEqualTo(1);
        assertThat(events.heard).doesNotContain("retry").startsWith("held back 0 100ms", "held back 0 200ms");
    }

    @Test
    void anAttemptLetInAfterRefusalsIsTheFirst() {
        AtomicInteger tries = new AtomicInteger();
        List<Object> values = new ArrayList<>();
        Flux.defer(() -> tries.incrementAndGet() <= 3 ? Flux.error(Gate.REFUSAL) : Flux.just(1))
                .retryWhen(gated(CONFIG.withMaxAttempts(1), new Gate()).retry())
                .subscribe(values::add);

        time.advance(Duration.ofMillis(700));

        assertThat(values).containsExactly(1);
        assertThat(time.pending()).isZero();
    }

    @Test
    void aListenerThatThrowsChangesNothing() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(RetryRun.class);
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        try {
            RetryListener broken = new RetryListener() {
                @Override
                public void onRetry(int attempt, long delayNanos, Throwable cause) {
                    throw new IllegalStateException("onRetry");
                }

                @Override
                public void onHeldBack(int attempts, long delayNanos) {
                    throw new AssertionError("onHeldBack");
                }

                @Override
                public void onGaveUp(GiveUpReason reason, int attempts, @Nullable Throwable cause) {
                    throw new IllegalStateException("onGaveUp");
                }
            };
            AtomicInteger tries = new AtomicInteger();
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Flux.defer(() -> Flux.error(tries.incrementAndGet() == 2 ? Gate.REFUSAL : LOST))
                    .retryWhen(gatedBuilder(CONFIG.withMaxAttempts(2), new Gate())
                            .listener(broken)
                            .build()
                            .retry())
                    .subscribe(value -> {}, seen::set);
            time.advance(Duration.ofSeconds(60));

            assertExhausted(seen.get(), GiveUpReason.ATTEMPTS, 2);
            assertThat(log.list)
                    .extracting(event -> event.getThrowableProxy().getMessage())
                    .containsExactly("onRetry", "onHeldBack", "onGaveUp");
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
    }

    @Test
    void handsTheSubscribersContextToEveryAttempt() {
        List<String> users = new ArrayList<>();
        Flux.deferContextual(context -> {
                    users.add(context.get("user"));
                    return Flux.error(LOST);
                })
                .retryWhen(policy(CONFIG).retry())
                .contextWrite(Context.of("user", "ada"))
                .subscribe(value -> {}, error -> {});

        time.advance(Duration.ofSeconds(1));

        assertThat(users).hasSize(4).containsOnly("ada");
    }

    @Test
    void handsOverTheRetryContext() {
        Context context = Context.of("tries", 3);

        assertThat(builder(CONFIG).retryContext(context).build().retry().retryContext())
                .isSameAs(context);
        assertThat(policy(CONFIG).retry().retryContext().isEmpty()).isTrue();
    }

    @Test
    void onErrorContinueDownstreamDoesNotSwallowTheEnd() {
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Flux.error(LOST)
                .retryWhen(policy(CONFIG.withMaxAttempts(2)).retry())
                .onErrorContinue((error, value) -> {})
                .subscribe(value -> {}, seen::set);

        time.advance(Duration.ofMillis(100));

        assertExhausted(seen.get(), GiveUpReason.ATTEMPTS, 2);
    }

    @Test
    void aSchedulerThatIsGoneEndsTheRun() {
        var gone = Schedulers.newSingle("gone");
        gone.dispose();

        StepVerifier.create(Flux.error(LOST)
                        .retryWhen(builder(NO_DEADLINE).scheduler(gone).build().retry()))
                .verifyError(RejectedExecutionException.class);
        StepVerifier.create(Flux.never()
                        .retryWhen(builder(CONFIG).scheduler(gone).build().retry()))
                .verifyError(RejectedExecutionException.class);
    }

    @Test
    void policiesKnowTheirConfig() {
        assertThat(policy(CONFIG).config()).isSameAs(CONFIG);
        assertThatCode(() -> RetryPolicy.of(RetryConfig.DEFAULTS).retry()).doesNotThrowAnyException();
    }

    @Test
    void aDeadlineInTheMiddleOfJudgingTheLastFailureEndsTheRunAlone() {
        List<Throwable> ends = new ArrayList<>();
        Flux.error(LOST)
                .retryWhen(builder(CONFIG.withMaxAttempts(1))
                        .retryOn(error -> {
                            time.advance(Duration.ofSeconds(60));
                            return true;
                        })
                        .build()
                        .retry())
                .subscribe(value -> {}, ends::add);

        assertThat(reasons(ends)).containsExactly(GiveUpReason.DEADLINE);
        assertThat(events.heard).containsExactly("gave up DEADLINE 1 " + LOST);
        assertThat(time.pending()).isZero();
    }

    @Test
    void aDeadlineInTheMiddleOfJudgingAFailureLeavesNoTimer() {
        List<Throwable> ends = new ArrayList<>();
        AtomicInteger tries = new AtomicInteger();
        failing(tries)
                .retryWhen(builder(CONFIG)
                        .retryOn(error -> {
                            time.advance(Duration.ofSeconds(60));
                            return true;
                        })
                        .build()
                        .retry())
                .subscribe(value -> {}, ends::add);

        assertThat(reasons(ends)).containsExactly(GiveUpReason.DEADLINE);
        assertThat(time.pending()).isZero();
        time.advance(Duration.ofDays(1));
        assertThat(tries).hasValue(1);
    }

    @Test
    void aDeadlineThatComesWhileTheLastFailureEndsTheRunIsSilent() {
        List<Throwable> ends = new ArrayList<>();
        AtomicInteger heard = new AtomicInteger();
        Flux.error(LOST)
                .retryWhen(builder(CONFIG.withMaxAttempts(1))
                        .listener(new RetryListener() {
                            @Override
                            public void onGaveUp(GiveUpReason reason, int attempts, @Nullable Throwable cause) {
                                heard.incrementAndGet();
                                time.advance(Duration.ofSeconds(60));
                            }
                        })
                        .build()
                        .retry())
                .subscribe(value -> {}, ends::add);

        assertThat(reasons(ends)).containsExactly(GiveUpReason.ATTEMPTS);
        assertThat(heard).hasValue(1);
        assertThat(time.pending()).isZero();
    }

    @Test
    void aDeadlineThatRacesTheLastFailureEndsOnce() {
        for (int round = 0; round < 500; round++) {
            TimerProbe clock = new TimerProbe();
            Events heard = new Events();
            TestPublisher<Integer> source = TestPublisher.create();
            List<Throwable> ends = new ArrayList<>();
            RetryPolicy policy = RetryPolicy.builder(CONFIG.withMaxAttempts(1))
                    .scheduler(clock)
                    .ticker(clock)
                    .listener(heard)
                    .build();
            source.flux().retryWhen(policy.retry()).subscribe(value -> {}, ends::add);

            RaceTestUtils.race(() -> source.error(LOST), () -> clock.advance(Duration.ofSeconds(60)));

            assertThat(ends).hasSize(1);
            GiveUpReason reason = reasons(ends).get(0);
            assertThat(reason).isIn(GiveUpReason.ATTEMPTS, GiveUpReason.DEADLINE);
            assertThat(heard.heard).hasSize(1).first().asString().startsWith("gave up " + reason);
            assertThat(clock.pending()).isZero();
        }
    }

    @Test
    void aDeadlineThatRacesAFailureOrACompletionLeavesNoTimer() {
        for (int round = 0; round < 500; round++) {
            TimerProbe clock = new TimerProbe();
            TestPublisher<Integer> source = TestPublisher.create();
            List<Object> ends = new ArrayList<>();
            RetryPolicy policy =
                    RetryPolicy.builder(CONFIG).scheduler(clock).ticker(clock).build();
            source.flux().retryWhen(policy.retry()).subscribe(value -> {}, ends::add, () -> ends.add("complete"));
            boolean fails = round % 2 == 0;

            RaceTestUtils.race(
                    () -> {
                        if (fails) {
                            source.error(LOST);
                        } else {
                            source.complete();
                        }
                    },
                    () -> clock.advance(Duration.ofSeconds(60)));

            assertThat(ends).hasSize(1);
            assertThat(clock.pending()).isZero();
        }
    }

    @Test
    void aCancelThatRacesTheEndOfADelayLeavesNoTimer() {
        for (int round = 0; round < 500; round++) {
            TimerProbe clock = new TimerProbe();
            RetryPolicy policy = RetryPolicy.builder(CONFIG)
                    .scheduler(clock)
                    .ticker(clock)
                    .random(MOST)
                    .build();
            var subscription = Flux.error(LOST).retryWhen(policy.retry()).subscribe();

            RaceTestUtils.race(subscription::dispose, () -> clock.advance(Duration.ofMillis(100)));

            assertThat(clock.pending()).isZero();
        }
    }

    private static final LongUnaryOperator MOST = bound -> bound - 1;

    private RetryPolicy policy(RetryConfig config) {
        return builder(config).build();
    }

    private RetryPolicy policy(RetryConfig config, LongUnaryOperator random) {
        return builder(config).random(random).build();
    }

    private RetryPolicy gated(RetryConfig config, Gate gate) {
        return gatedBuilder(config, gate).build();
    }

    private RetryPolicy.Builder gatedBuilder(RetryConfig config, Gate gate) {
        return builder(config).gate(() -> gate.untilOpen.get(), error -> error == Gate.REFUSAL);
    }

    /** Draws the whole ceiling; time stands still until {@link #time} is advanced. */
    private RetryPolicy.Builder builder(RetryConfig config) {
        return RetryPolicy.builder(config)
                .scheduler(time)
                .ticker(time)
                .random(MOST)
                .listener(events);
    }

    private static RetryPolicy.Builder virtual(RetryConfig config) {
        return RetryPolicy.builder(config).ticker(ManualTicker.virtual());
    }

    private static Flux<Object> failing(AtomicInteger tries) {
        return Flux.defer(() -> {
            tries.incrementAndGet();
            return Flux.error(LOST);
        });
    }

    private static List<GiveUpReason> reasons(List<Throwable> ends) {
        return ends.stream()
                .map(end -> ((RetryExhaustedException) end).reason())
                .collect(Collectors.toList());
    }

    private static void assertExhausted(@Nullable Throwable error, GiveUpReason reason, int attempts) {
        assertThat(error).isInstanceOfSatisfying(RetryExhaustedException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.attempts()).isEqualTo(attempts);
        });
    }

    private static final class Gate {

        static final IllegalStateException REFUSAL = new IllegalStateException("open");

        Supplier<Duration> untilOpen = () -> Duration.ZERO;
    }

    /** What a listener heard, in words. */
    private static final class Events implements RetryListener {

        final List<String> heard = new ArrayList<>();

        @Override
        public void onRetry(int attempt, long delayNanos, Throwable cause) {
            heard.add("retry " + attempt + ' ' + delayNanos / 1_000_000 + "ms " + cause);
        }

        @Override
        public void onHeldBack(int attempts, long delayNanos) {
            heard.add("held back " + attempts + ' ' + delayNanos / 1_000_000 + "ms");
        }

        @Override
        public void onGaveUp(GiveUpReason reason, int attempts, @Nullable Throwable cause) {
            heard.add("gave up " + reason + ' ' + attempts + ' ' + cause);
        }
    }
}
