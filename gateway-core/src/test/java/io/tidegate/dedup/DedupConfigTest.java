package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DedupConfigTest {

    @Test
    void remembersAHundredThousandKeysForFiveMinutesByDefault() {
        assertThat(DedupConfig.DEFAULTS).isEqualTo(new DedupConfig(Duration.ofMinutes(5), 100_000));
    }

    @ParameterizedTest
    @CsvSource({"PT0.000000001S, 1", "P365D, 16777216"})
    void takesItsLimits(Duration window, int maxEntries) {
        assertThat(new DedupConfig(window, maxEntries).maxEntries()).isEqualTo(maxEntries);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PT0S            | 1        | window: PT0S (expected: > 0, <= 365 days)",
                "PT-1S           | 1        | window: PT-1S (expected: > 0, <= 365 days)",
                "P365DT0.000001S | 1        | window: PT8760H0.000001S (expected: > 0, <= 365 days)",
                "PT1S            | 0        | maxEntries: 0 (expected: 1 to 16777216)",
                "PT1S            | 16777217 | maxEntries: 16777217 (expected: 1 to 16777216)",
            })
    void refusesWhatIsBeyondThem(Duration window, int maxEntries, String message) {
        assertThatThrownBy(() -> new DedupConfig(window, maxEntries))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
