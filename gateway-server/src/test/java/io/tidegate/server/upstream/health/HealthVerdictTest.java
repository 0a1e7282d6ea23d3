package io.tidegate.server.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthVerdictTest {

    private final HealthVerdict verdict = new HealthVerdict();

    /** Checks that pass are +, those that fail -. */
    @ParameterizedTest
    @CsvSource({
        "'', true",
        "+, true",
        "-, true",
        "--, false",
        "-+-, true",
        "-+-+-+-, true",
        "+--, false",
        "-----, false",
        "-----+, true",
        "-----+-, true",
        "-----+--, false",
    })
    void twoFailuresInARowMakeItUnhealthyAndOneSuccessHealthyAgain(String checks, boolean healthy) {
        checks.chars().forEach(check -> verdict.take(check == '+'));
        assertThat(verdict.isHealthy()).isEqualTo(healthy);
    }
}
