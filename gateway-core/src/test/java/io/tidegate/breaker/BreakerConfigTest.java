package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BreakerConfigTest {

    private static final BreakerConfig DEFAULTS = BreakerConfig.DEFAULTS;

    @Test
    void hasTheDefaultsThatItNames() {
        assertThat(DEFAULTS)
                .isEqualTo(new BreakerConfig(
                        0.5, 1, Duration.ZERO, 20, 5, Duration.ofSeconds(10), 3, Duration.ofMinutes(1)));
    }

    @Test
    void changesOneThingAtATime() {
        assertThat(DEFAULTS.withFailureRate(1).failureRate()).isEqualTo(1);
        assertThat(DEFAULTS.withSlowCalls(0.3, Duration.ofSeconds(2)))
                .isEqualTo(new BreakerConfig(
                        0.5, 0.3, Duration.ofSeconds(2), 20, 5, Duration.ofSeconds(10), 3, Duration.ofMinutes(1)));
        assertThat(DEFAULTS.withWindow(7, 6))
                .isEqualTo(new BreakerConfig(
                        0.5, 1, Duration.ZERO, 7, 6, Duration.ofSeconds(10), 3, Duration.ofMinutes(1)));
        assertThat(DEFAULTS.withOpenFor(Duration.ofSeconds(1)).openFor()).isEqualTo(Duration.ofSeconds(1));
        assertThat(DEFAULTS.withHalfOpen(1, Duration.ofSeconds(9)))
                .isEqualTo(new BreakerConfig(
                        0.5, 1, Duration.ZERO, 20, 5, Duration.ofSeconds(10), 1, Duration.ofSeconds(9)));
    }

    @Test
    void saysWhatIsWrong() {
        refuses(() -> DEFAULTS.withFailureRate(0), "failureRate: 0.0 (expected: > 0 and <= 1)");
        refuses(() -> DEFAULTS.withFailureRate(1.01), "failureRate: 1.01 (expected: > 0 and <= 1)");
        refuses(() -> DEFAULTS.withFailureRate(Double.NaN), "failureRate: NaN (expected: > 0 and <= 1)");
        refuses(() -> DEFAULTS.withSlowCalls(0, Duration.ZERO), "slowCallRate: 0.0 (expected: > 0 and <= 1)");
        refuses(() -> DEFAULTS.withSlowCalls(-1, Duration.ZERO), "slowCallRate: -1.0 (expected: > 0 and <= 1)");
        refuses(
                () -> DEFAULTS.withSlowCalls(1, Duration.ofNanos(-1)),
                "slowCallDuration: PT-0.000000001S (expected: 0 to 1 year)");
        refuses(() -> DEFAULTS.withWindow(0, 1), "window: 0 (expected: 1 to 1000000)");
        refuses(() -> DEFAULTS.withWindow(1_000_001, 1), "window: 1000001 (expected: 1 to 1000000)");
        refuses(() -> DEFAULTS.withWindow(4, 5), "minimumCalls: 5 (expected: 1 to the window, 4)");
        refuses(() -> DEFAULTS.withWindow(4, 0), "minimumCalls: 0 (expected: 1 to the window, 4)");
        refuses(() -> DEFAULTS.withOpenFor(Duration.ZERO), "openFor: PT0S (expected: > 0, up to 1 year)");
        refuses(() -> DEFAULTS.withOpenFor(Duration.ofDays(366)), "openFor: PT8784H (expected: > 0, up to 1 year)");
        refuses(() -> DEFAULTS.withHalfOpen(0, Duration.ZERO), "halfOpenCalls: 0 (expected: 1 to 1000000)");
        refuses(
                () -> DEFAULTS.withHalfOpen(1_000_001, Duration.ZERO),
                "halfOpenCalls: 1000001 (expected: 1 to 1000000)");
        refuses(() -> DEFAULTS.withHalfOpen(1, Duration.ofSeconds(-1)), "halfOpenFor: PT-1S (expected: 0 to 1 year)");
    }

    @Test
    void takesTheExtremes() {
        BreakerConfig extreme = new BreakerConfig(
                Double.MIN_VALUE, 1, Duration.ofDays(365), 1, 1, Duration.ofNanos(1), 1, Duration.ofDays(365));

        assertThat(Breaker.of("extreme", extreme).tryAcquire()).isNotNull();
    }

    private static void refuses(ThrowingCallable config, String message) {
        assertThatThrownBy(config).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
