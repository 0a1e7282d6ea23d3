package io.tidegate.metrics.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeriesConfigTest {

    @Test
    void defaults() {
        assertThat(SeriesConfig.DEFAULTS).isEqualTo(new SeriesConfig(10_000, Duration.ofMinutes(10)));
        assertThat(new SeriesConfig(1, Duration.ofDays(365)).maxSeries()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT1S, maxSeries: 0 (expected: >= 1)",
        "1, PT0S, idleFor: PT0S (expected: > 0 and <= PT8760H)",
        "1, PT-1S, idleFor: PT-1S (expected: > 0 and <= PT8760H)",
        "1, P365DT1S, idleFor: PT8760H1S (expected: > 0 and <= PT8760H)"
    })
    void rejectsWhatCantBe(int maxSeries, Duration idleFor, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SeriesConfig(maxSeries, idleFor))
                .withMessage(message);
    }
}
