package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QueueConfigTest {

    @Test
    void hasDefaults() {
        assertThat(QueueConfig.DEFAULTS)
                .isEqualTo(new QueueConfig(1000, 1_048_576, Duration.ofMinutes(5), Overflow.PAUSE));
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> new QueueConfig(0, 1, Duration.ZERO, Overflow.PAUSE))
                .hasMessage("maxMessages: 0 (expected: > 0)");
        assertThatThrownBy(() -> new QueueConfig(1, 0, Duration.ZERO, Overflow.PAUSE))
                .hasMessage("maxBytes: 0 (expected: > 0)");
        assertThatThrownBy(() -> new QueueConfig(1, 1, Duration.ofNanos(-1), Overflow.PAUSE))
                .hasMessage("ttl: PT-0.000000001S (expected: 0 to PT876000H)");
        assertThatThrownBy(() -> new QueueConfig(1, 1, Duration.ofDays(36_501), Overflow.PAUSE))
                .hasMessage("ttl: PT876024H (expected: 0 to PT876000H)");
    }

    @Test
    void letsTheExtremesThrough() {
        new QueueConfig(1, 1, Duration.ZERO, Overflow.PAUSE);
        assertThat(new QueueConfig(Integer.MAX_VALUE, Long.MAX_VALUE, Duration.ofDays(36_500), Overflow.CLOSE)
                        .ttl()
                        .toNanos())
                .isPositive();
    }
}
