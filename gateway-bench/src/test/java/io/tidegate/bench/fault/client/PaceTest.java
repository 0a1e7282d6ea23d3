package io.tidegate.bench.fault.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long SECOND = 1_000_000_000;

    private final Pace pace = new Pace();

    @Test
    void goesAtItsRateUpToItsLimit() {
        pace.allow(150, 100, 5 * SECOND);

        assertThat(pace.due(5 * SECOND)).isZero();
        assertThat(pace.due(5 * SECOND + SECOND / 2)).isEqualTo(50);
        assertThat(pace.due(6 * SECOND)).isEqualTo(100);
        assertThat(pace.due(60 * SECOND)).isEqualTo(150);
    }

    @Test
    void aRaisedLimitDoesNotMakeUpForTheTimeBefore() {
        pace.allow(10, 100, 0);
        pace.due(60 * SECOND);
        pace.allow(1_000, 100, 61 * SECOND);

        assertThat(pace.due(62 * SECOND)).isEqualTo(110);
    }
}
