package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

class MonoGuardTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final VirtualTimeScheduler scheduler = VirtualTimeScheduler.getOrSet();
    private final Breaker breaker = Breaker.builder("test")
            .config(BreakerConfig.DEFAULTS.withWindow(10, 10))
            .isFailure(error -> !(error instanceof IllegalArgumentException))
            .ticker(() -> scheduler.now(TimeUnit.NANOSECONDS))
            .scheduler(scheduler)
            .build();

    @AfterEach
    void backToRealTime() {
        VirtualTimeScheduler.reset();
    }

    @Test
    void countsAValueAsASuccess() {
        StepVerifier.create(Mono.just(1).transform(breaker::guard))
                .expectNext(1)
                .verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void countsAnEmptySourceAsASuccess() {
        StepVerifier.create(Mono.empty().transform(breaker::guard)).verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void countsAnErrorAsAFailure() {
        StepVerifier.create(Mono.error(new IOException("reset")).transform(breaker::guard))
                .verifyErrorMessage("reset");

        assertCounted(1, 1);
    }

    @Test
    void countsNoErrorThatIsNoFailure() {
        StepVerifier.create(Mono.error(new IllegalArgumentException()).transform(breaker::guard))
                .verifyError(IllegalArgumentException.class);

        assertCounted(0, 0);
    }

    @Test
    void countsNoCancel() {
        PublisherProbe<Integer> probe = PublisherProbe.of(Mono.never());

        probe.mono().transform(breaker::guard).subscribe().dispose();

        probe.assertWasCancelled();
        assertCounted(0, 0);
    }

    @Test
    void countsAValueThatIsCancelledBehind() {
        TestPublisher<Integer> source = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);

        StepVerifier.create(Mono.fromDirect(source).transform(breaker::guard))
                .then(() -> source.next(1))
                .expectNext(1)
                .thenCancel()
                .verify();

        assertCounted(1, 0);
    }

    @Test
    void countsBeforeItSignals() {
        List<Integer> seen = new ArrayList<>();

        Mono.just(1)
                .transform(breaker::guard)
                .doOnNext(value -> seen.add(breaker.snapshot().calls()))
                .block();

        assertThat(seen).containsExactly(1);
    }

    @Test
    void subscribesToNothingWhenOpen() {
        breaker.forceOpen();
        PublisherProbe<Integer> probe = PublisherProbe.of(Mono.just(1));

        StepVerifier.create(probe.mono().transform(breaker::guard)).verifyError(BreakerOpenException.class);

        probe.assertWasNotSubscribed();
    }

    @Test
    void failsWhenNothingCameInTime() {
        PublisherProbe<Integer> probe = PublisherProbe.of(Mono.never());

        StepVerifier.withVirtualTime(() -> breaker.guard(probe.mono(), TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .expectSubscription()
                .expectNoEvent(TIMEOUT)
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TimeoutException.class)
                        .hasMessage("breaker test: no answer within 2000 ms of subscribing"));

        probe.assertWasCancelled();
        assertCounted(1, 1);
    }

    @Test
    void isInTimeUntilTheTimeoutIsOver() {
        Sinks.One<Integer> source = Sinks.one();

        StepVerifier.withVirtualTime(() -> breaker.guard(source.asMono(), TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .thenAwait(TIMEOUT.minusNanos(1))
                .then(() -> source.tryEmitValue(1).orThrow())
                .expectNext(1)
                .verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void mayBeEmptyInTime() {
        Sinks.One<Integer> source = Sinks.one();

        StepVerifier.withVirtualTime(() -> breaker.guard(source.asMono(), TIMEOUT), () -> scheduler, Long.MAX_VALUE)
                .thenAwait(TIMEOUT.minusNanos(1))
                .then(() -> source.tryEmitEmpty().orThrow())
                .thenAwait(TIMEOUT)
                .verifyComplete();

        assertCounted(1, 0);
    }

    @Test
    void canBeScanned() {
        assertThat(Scannable.from(breaker.guard(Mono.just(1))).scan(Scannable.Attr.RUN_STYLE))
                .isEqualTo(Scannable.Attr.RunStyle.SYNC);
    }

    private void assertCounted(int calls, int failures) {
        BreakerSnapshot snapshot = breaker.snapshot();
        assertThat(snapshot.calls()).isEqualTo(calls);
        assertThat(Math.round(snapshot.failureRate() * calls)).isEqualTo(failures);
    }
}
