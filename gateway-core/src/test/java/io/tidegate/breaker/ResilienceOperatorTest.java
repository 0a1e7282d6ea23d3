package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.reactor.circuitbreaker.operator.CircuitBreakerOperator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.publisher.TestPublisher;

/**
 * Why the breaker has an operator of its own: what Resilience4j's does where ours must do something else. A test that fails
 * here says that a newer Resilience4j may serve after all.
 */
class ResilienceOperatorTest {

    private final CircuitBreaker engine = CircuitBreaker.of(
            "engine",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(2)
                    .minimumNumberOfCalls(2)
                    .permittedNumberOfCallsInHalfOpenState(1)
                    .build());

    @Test
    void countsACancelAfterTheFirstValueAsASuccess() {
        Disposable subscription = Flux.concat(Mono.just(1), Mono.never())
                .transformDeferred(CircuitBreakerOperator.of(engine))
                .subscribe();

        subscription.dispose();

        assertThat(engine.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(1);
    }

    @Test
    void letsASuccessOfACallFromBeforeItOpenedCloseItWhenHalfOpen() {
        Sinks.One<Integer> slow = Sinks.one();
        slow.asMono().transformDeferred(CircuitBreakerOperator.of(engine)).subscribe();
        engine.transitionToOpenState();
        engine.transitionToHalfOpenState();

        slow.tryEmitValue(1);

        assertThat(engine.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void forgetsACallThatATimeoutCancels() {
        AtomicReference<Throwable> error = new AtomicReference<>();

        TestPublisher<Integer> silent = TestPublisher.create();
        silent.mono()
                .transformDeferred(CircuitBreakerOperator.of(engine))
                .timeout(Duration.ofMillis(1))
                .onErrorResume(e -> {
                    error.set(e);
                    return Mono.empty();
                })
                .block();

        assertThat(error.get()).isInstanceOf(TimeoutException.class);
        assertThat(List.of(
                        engine.getMetrics().getNumberOfFailedCalls(),
                        engine.getMetrics().getNumberOfBufferedCalls()))
                .containsOnly(0);
    }
}
