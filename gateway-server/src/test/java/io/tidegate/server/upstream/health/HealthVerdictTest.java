package io.tidegate.server.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HealthVerdictTest {

    private final HealthVerdict verdict = new HealthVerdict();

    @Test
    void isHealthyUntilTheContraryIsKnown() {
        assertThat(verdict.isHealthy()).isTrue();
        assertThat(verdict.changedBy(true)).isFalse();
    }

    @Test
    void twoFailuresInARowMakeItUnhealthy() {
        assertThat(verdict.changedBy(false)).isFalse();
        assertThat(verdict.isHealthy()).isTrue();
        assertThat(verdict.changedBy(false)).isTrue();
        assertThat(verdict.isHealthy()).isFalse();
        assertThat(verdict.changedBy(false)).isFalse();
    }

    @Test
    void failuresThatAreNotInARowDoNot() {
        for (int i = 0; i < 5; i++) {
            assertThat(verdict.changedBy(false)).isFalse();
            assertThat(verdict.changedBy(true)).isFalse();
        }
    }

    @Test
    void oneSuccessMakesItHealthyAgainAndItTakesTwoFailuresAnew() {
        for (int i = 0; i < 10; i++) {
            verdict.changedBy(false);
        }
        assertThat(verdict.changedBy(true)).isTrue();
        assertThat(verdict.isHealthy()).isTrue();
        assertThat(verdict.changedBy(false)).isFalse();
        assertThat(verdict.changedBy(false)).isTrue();
    }
}
