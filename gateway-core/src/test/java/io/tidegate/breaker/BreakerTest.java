package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A breaker and its timer. */
class BreakerTest {

    private static final Duration OPEN_FOR = Duration.ofSeconds(10);

    private final VirtualTimeScheduler scheduler = VirtualTimeScheduler.getOrSet();
    private final List<String> told = new ArrayList<>();
    private final Breaker breaker = breaker();

    private Breaker breaker() {
        return Breaker.builder("test")
                .config(BreakerConfig.DEFAULTS
                        .withWindow(1, 1)
                        .withOpenFor(OPEN_FOR)
                        .withHalfOpen(1, Duration.ofMinutes(1)))
                .ticker(ManualTicker.virtual())
                .scheduler(scheduler)
                .isFailure(IOException.class::isInstance)
                .listener(new BreakerListener() {
                    @Override
                    public void onTransition(BreakerState from, BreakerState to, long generation) {
                        told.add(from + " " + to);
                    }
                })
                .build();
    }

    @AfterEach
    void backToRealTime() {
        VirtualTimeScheduler.reset();
    }

    @Test
    void leavesOpenByItself() {
        open();

        scheduler.advanceTimeBy(OPEN_FOR.minusNanos(1));
        assertThat(told).containsExactly("CLOSED OPEN");
        scheduler.advanceTimeBy(Duration.ofNanos(1));
        assertThat(told).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN");
    }

    @Test
    void leavesOpenByItselfEachTime() {
        open();
        scheduler.advanceTimeBy(OPEN_FOR);
        acquire().failure(new IOException());

        scheduler.advanceTimeBy(OPEN_FOR);

        assertThat(told).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN", "HALF_OPEN OPEN", "OPEN HALF_OPEN");
    }

    @Test
    void rests() {
        open();

        scheduler.advanceTimeBy(Duration.ofDays(2));

        assertThat(told).as("nobody called").containsExactly("CLOSED OPEN", "OPEN HALF_OPEN");
        assertThat(scheduler.getScheduledTaskCount()).isEqualTo(1);
    }

    @Test
    void wakesAgainIfItWasWokenTooEarly() {
        ManualTicker late = new ManualTicker();
        Breaker breaker = Breaker.builder("late")
                .config(BreakerConfig.DEFAULTS.withWindow(1, 1).withOpenFor(OPEN_FOR))
                .ticker(late)
                .scheduler(scheduler)
                .build();
        Objects.requireNonNull(breaker.tryAcquire()).failure(new IOException());

        late.advance(OPEN_FOR.minusSeconds(1));
        scheduler.advanceTimeBy(OPEN_FOR);
        assertThat(breaker.snapshot().state()).isEqualTo(BreakerState.OPEN);
        late.advance(Duration.ofSeconds(1));
        scheduler.advanceTimeBy(Duration.ofSeconds(1));

        assertThat(breaker.snapshot().generation()).isEqualTo(2);
    }

    @Test
    void anOldTimerDoesNotMoveIt() {
        open();
        breaker.forceClosed();
        breaker.automatic();
        scheduler.advanceTimeBy(OPEN_FOR.dividedBy(2));
        open();

        scheduler.advanceTimeBy(OPEN_FOR.dividedBy(2));
        assertThat(breaker.snapshot().state()).isEqualTo(BreakerState.OPEN);
        scheduler.advanceTimeBy(OPEN_FOR.dividedBy(2));

        assertThat(told).endsWith("CLOSED OPEN", "OPEN HALF_OPEN");
    }

    @Test
    void staysForcedOpen() {
        open();
        breaker.forceOpen();

        scheduler.advanceTimeBy(OPEN_FOR.multipliedBy(2));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertThat(breaker.snapshot().forced()).isTrue();
        assertThat(breaker.untilProbe()).isEqualTo(OPEN_FOR);
    }

    @Test
    void leavesOpenForTheFirstCallWhenItHasNoTimer() {
        VirtualTimeScheduler disposed = VirtualTimeScheduler.create();
        disposed.dispose();
        ManualTicker ticker = new ManualTicker();
        Breaker breaker = Breaker.builder("no timer")
                .config(BreakerConfig.DEFAULTS.withWindow(1, 1).withOpenFor(OPEN_FOR))
                .ticker(ticker)
                .scheduler(disposed)
                .build();
        Objects.requireNonNull(breaker.tryAcquire()).failure(new IOException());

        assertThat(breaker.tryAcquire()).isNull();
        ticker.advance(OPEN_FOR);

        assertThat(breaker.tryAcquire()).isNotNull();
    }

    @Test
    void takesItsOwnTimeAndSchedulerByDefault() {
        Breaker plain = Breaker.of("plain", BreakerConfig.DEFAULTS);

        assertThat(plain.name()).isEqualTo("plain");
        assertThat(plain.state()).isEqualTo(BreakerState.CLOSED);
        for (int i = 0; i < 5; i++) {
            Objects.requireNonNull(plain.tryAcquire()).failure(new IllegalStateException("counts"));
        }
        assertThat(plain.state()).isEqualTo(BreakerState.OPEN);
        assertThat(plain.untilProbe()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void saysWhyACallWasNotLetIn() {
        open();
        scheduler.advanceTimeBy(Duration.ofSeconds(3));

        assertThat(breaker.rejection())
                .hasMessage("breaker test is open for another 7000 ms")
                .hasNoCause();
        assertThat(breaker.rejection().getStackTrace()).isEmpty();
        assertThat(breaker.rejection().breaker()).isEqualTo("test");
        assertThat(breaker.rejection().untilProbe()).isEqualTo(Duration.ofSeconds(7));

        scheduler.advanceTimeBy(OPEN_FOR);
        assertThat(breaker.rejection()).hasMessage("breaker test is half-open and its probes are out");
    }

    @Test
    void refusesATimeoutOfNothing() {
        assertThatThrownBy(() -> breaker.guard(Flux.never(), Duration.ZERO))
                .hasMessage("timeout: PT0S (expected: > 0)");
        assertThatThrownBy(() -> breaker.guard(Mono.never(), Duration.ofSeconds(-1)))
                .hasMessage("timeout: PT-1S (expected: > 0)");
    }

    @Test
    void refusesATimeoutThatNoTimerCouldCount() {
        assertThatThrownBy(() -> breaker.guard(Mono.never(), Duration.ofSeconds(Long.MAX_VALUE)))
                .hasMessageStartingWith("timeout: ")
                .hasMessageEndingWith(" (expected: <= 365 days)");
        assertThat(breaker.guard(Mono.never(), Duration.ofDays(365))).isNotNull();
    }

    @Test
    void goesByVirtualTimeAlsoWhenItWasBuiltBefore() {
        VirtualTimeScheduler.reset();
        Breaker early = Breaker.of("early", BreakerConfig.DEFAULTS);

        StepVerifier.withVirtualTime(() -> early.guard(Mono.never(), OPEN_FOR))
                .expectSubscription()
                .thenAwait(OPEN_FOR)
                .expectError(TimeoutException.class)
                .verify(Duration.ofSeconds(1));
    }

    private Permit acquire() {
        return Objects.requireNonNull(breaker.tryAcquire());
    }

    private void open() {
        acquire().failure(new IOException());
    }
}
