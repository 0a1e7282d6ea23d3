package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryConfigTest {

    private static final Duration YEAR = Duration.ofDays(365);

    @Test
    void hasDefaults() {
        assertThat(RetryConfig.DEFAULTS)
                .isEqualTo(new RetryConfig(5, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofMinutes(1)));
    }

    @Test
    void changesOneThingAtATime() {
        assertThat(RetryConfig.DEFAULTS
                        .withMaxAttempts(7)
                        .withBackoff(Duration.ofMillis(1), Duration.ofMillis(2))
                        .withDeadline(Duration.ofMillis(3)))
                .isEqualTo(new RetryConfig(7, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(3)));
    }

    @Test
    void takesTheBounds() {
        Duration least = Duration.ofNanos(1);

        assertThatCode(() -> new RetryConfig(1, least, least, Duration.ZERO)).doesNotThrowAnyException();
        assertThatCode(() -> new RetryConfig(Integer.MAX_VALUE, YEAR, YEAR, YEAR))
                .doesNotThrowAnyException();
    }

    @Test
    void zeroIsNoDeadline() {
        assertThat(RetryConfig.DEFAULTS.hasDeadline()).isTrue();
        assertThat(RetryConfig.DEFAULTS.withDeadline(Duration.ZERO).hasDeadline())
                .isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        RetryConfig good = RetryConfig.DEFAULTS;
        assertRefused(() -> good.withMaxAttempts(0), "maxAttempts: 0 (expected: >= 1)");
        assertRefused(() -> good.withBackoff(Duration.ZERO, YEAR), "firstBackoff: 0s (expected: > 0)");
        assertRefused(
                () -> good.withBackoff(Duration.ofNanos(-1), YEAR), "firstBackoff: -0.000000001s (expected: > 0)");
        assertRefused(
                () -> good.withBackoff(Duration.ofMillis(1), Duration.ofNanos(999_999)),
                "maxBackoff: 0.000999999s (expected: >= firstBackoff)");
        assertRefused(
                () -> good.withBackoff(Duration.ofMillis(1), YEAR.plusNanos(1)),
                "maxBackoff: 8760h0.000000001s (expected: <= 8760h)");
        assertRefused(() -> good.withDeadline(Duration.ofSeconds(-90)), "deadline: -1m-30s (expected: >= 0s)");
        assertRefused(() -> good.withDeadline(YEAR.plusMinutes(1)), "deadline: 8760h1m (expected: <= 8760h)");
    }

    @Test
    void gateNeedsADeadline() {
        RetryPolicy.Builder endless = RetryPolicy.builder(RetryConfig.DEFAULTS.withDeadline(Duration.ZERO))
                .gate(() -> Duration.ZERO, error -> false);

        assertRefused(endless::build, "deadline: 0s (expected: > 0 with a gate)");
        assertThatCode(() -> RetryPolicy.of(RetryConfig.DEFAULTS.withDeadline(Duration.ZERO)))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
