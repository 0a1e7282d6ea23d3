package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final LongUnaryOperator LEAST = bound -> 0;
    private static final LongUnaryOperator MOST = bound -> bound - 1;

    @Test
    void ceilingDoublesUpToTheMaximum() {
        Backoff backoff = new Backoff(Duration.ofNanos(3), Duration.ofNanos(40), MOST);

        assertThat(IntStream.range(0, 6).mapToLong(backoff::ceilingNanos)).containsExactly(3L, 6L, 12L, 24L, 40L, 40L);
    }

    @Test
    void ceilingMeetsTheMaximumExactly() {
        Backoff backoff = new Backoff(Duration.ofNanos(5), Duration.ofNanos(40));

        assertThat(IntStream.range(0, 5).mapToLong(backoff::ceilingNanos)).containsExactly(5L, 10L, 20L, 40L, 40L);
    }

    @Test
    void ceilingNeverOverflows() {
        Backoff backoff = new Backoff(Duration.ofNanos(1), Duration.ofDays(365));
        long max = Duration.ofDays(365).toNanos();

        assertThat(backoff.ceilingNanos(54)).isEqualTo(1L << 54);
        assertThat(IntStream.of(55, 61, 62, 63, 64, 65, 128, Integer.MAX_VALUE).mapToLong(backoff::ceilingNanos))
                .containsOnly(max);
    }

    @Test
    void delayMayBeAnythingFromZeroToTheCeiling() {
        assertThat(new Backoff(Duration.ofNanos(3), Duration.ofNanos(40), LEAST).delayNanos(2))
                .isZero();
        assertThat(new Backoff(Duration.ofNanos(3), Duration.ofNanos(40), MOST).delayNanos(2))
                .isEqualTo(12);
        assertThat(new Backoff(Duration.ofNanos(3), Duration.ofNanos(40), bound -> bound / 2).delayNanos(2))
                .isEqualTo(6);
    }

    @Test
    void drawsByItself() {
        Backoff backoff = new Backoff(Duration.ofNanos(3), Duration.ofNanos(3));

        assertThat(IntStream.range(0, 1_000).mapToLong(backoff::delayNanos)).containsOnly(0L, 1L, 2L, 3L);
    }

    @Test
    void refusesWhatMakesNoSense() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("firstBackoff: 0s (expected: > 0)");
        assertThatThrownBy(() -> new Backoff(second, Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxBackoff: 0.999s (expected: >= firstBackoff)");
        assertThatThrownBy(() -> new Backoff(second, second).ceilingNanos(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("step: -1 (expected: >= 0)");
    }
}
