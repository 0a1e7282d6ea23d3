package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * A breaker that is half-open and has so many probes that no test will see it judge them. Each that is not ended is missing
 * when they are counted.
 */
final class HalfOpenBreaker {

    private static final int PROBES = 5000;

    private final Breaker breaker;

    HalfOpenBreaker(Scheduler scheduler) {
        ManualTicker ticker = new ManualTicker();
        breaker = Breaker.builder("half-open")
                .config(BreakerConfig.DEFAULTS.withWindow(1, 1).withHalfOpen(PROBES, Duration.ZERO))
                .ticker(ticker)
                .scheduler(scheduler)
                .build();
        Objects.requireNonNull(breaker.tryAcquire()).failure(new IllegalStateException("open"));
        ticker.advance(Duration.ofSeconds(10));
        assertThat(breaker.state()).isEqualTo(BreakerState.HALF_OPEN);
    }

    Breaker breaker() {
        return breaker;
    }

    /** Each probe ended, as a result or released. */
    void assertAllReturned() {
        List<Permit> free = new ArrayList<>();
        for (@Nullable Permit permit = breaker.tryAcquire(); permit != null; permit = breaker.tryAcquire()) {
            free.add(permit);
        }
        assertThat(free.size() + breaker.snapshot().calls())
                .as("probes that ended or never left")
                .isEqualTo(PROBES);
        assertThat(breaker.state()).isEqualTo(BreakerState.HALF_OPEN);
        free.forEach(Permit::release);
    }
}
