package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import io.tidegate.testkit.TimerProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;

class MonoRetryTest {

    private static final RetryConfig CONFIG =
            new RetryConfig(3, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofSeconds(60));

    @Test
    void triesAgainUntilThereIsAValue() {
        AtomicInteger tries = new AtomicInteger();
        StepVerifier.withVirtualTime(() -> Mono.fromCallable(() -> {
                            if (tries.incrementAndGet() < 3) {
                                throw new IOException("refused");
                            }
                            return tries.get();
                        })
                        .retryWhen(policy().retry()))
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(300).minusNanos(1))
                .thenAwait(Duration.ofNanos(1))
                .expectNext(3)
                .verifyComplete();
    }

    @Test
    void passesAnEmptyMono() {
        StepVerifier.withVirtualTime(() -> Mono.empty().retryWhen(policy().retry()))
                .verifyComplete();
    }

    @Test
    void cancelsAHangingAttemptAtTheDeadline() {
        PublisherProbe<Object> hanging = PublisherProbe.of(Mono.never());
        StepVerifier.withVirtualTime(() -> hanging.mono().retryWhen(policy().retry()))
                .expectSubscription()
                .expectNoEvent(Duration.ofSeconds(60).minusNanos(1))
                .thenAwait(Duration.ofNanos(1))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(RetryExhaustedException.class)
                        .hasMessage("gave up after 1 attempt in 1m: the last one was still under way at the deadline"
                                + " (deadline: 1m)"));
        hanging.assertWasCancelled();
    }

    @Test
    void resubscribingStartsAfresh() {
        TimerProbe time = new TimerProbe();
        AtomicInteger tries = new AtomicInteger();
        List<Throwable> ends = new ArrayList<>();
        Mono<Object> retried = Mono.error(() -> new IOException("attempt " + tries.incrementAndGet()))
                .retryWhen(RetryPolicy.builder(CONFIG)
                        .scheduler(time)
                        .ticker(time)
                        .build()
                        .retry());

        for (int run = 1; run <= 3; run++) {
            retried.subscribe(value -> {}, ends::add);
            time.advance(Duration.ofSeconds(1));
            assertThat(tries).hasValue(3 * run);
            assertThat(ends).hasSize(run);
            assertThat(ends.get(run - 1)).hasRootCauseMessage("attempt " + 3 * run);
        }
        assertThat(time.pending()).isZero();
    }

    private static RetryPolicy policy() {
        return RetryPolicy.builder(CONFIG)
                .ticker(ManualTicker.virtual())
                .random(bound -> bound - 1)
                .build();
    }
}
