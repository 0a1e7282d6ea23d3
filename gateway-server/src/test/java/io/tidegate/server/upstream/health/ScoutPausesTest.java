package io.tidegate.server.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ScoutPausesTest {

    private final ManualTicker ticker = new ManualTicker();

    @Test
    void theFirstComesSoon() {
        ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(10));
        pauses.down(ticker.nanos());
        assertThat(next(pauses)).isEqualTo(Duration.ofMillis(50));
    }

    @Test
    void theyGrowWithTheDowntimeUpToFiveSeconds() {
        ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(10));
        pauses.down(ticker.nanos());
        ticker.advance(Duration.ofMillis(80));
        assertThat(next(pauses)).isEqualTo(Duration.ofMillis(50));
        ticker.advance(Duration.ofMillis(320));
        assertThat(next(pauses)).isEqualTo(Duration.ofMillis(100));
        ticker.advance(Duration.ofMinutes(1));
        assertThat(next(pauses)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void theyAreNoLongerThanTheBreakersOwnWait() {
        ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(1));
        pauses.down(ticker.nanos());
        ticker.advance(Duration.ofMinutes(1));
        assertThat(next(pauses)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aProbeThatFailedDoesNotStartThemAnew() {
        ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(10));
        pauses.down(ticker.nanos());
        ticker.advance(Duration.ofSeconds(4));
        pauses.down(ticker.nanos());
        assertThat(next(pauses)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void afterItWasUpTheyStartAnew() {
        ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(10));
        pauses.down(ticker.nanos());
        ticker.advance(Duration.ofMinutes(1));
        pauses.up();
        pauses.down(ticker.nanos());
        assertThat(next(pauses)).isEqualTo(Duration.ofMillis(50));
    }

    /** However long it is down, it is found at one and a quarter times that, but for the first and the longest pause. */
    @Test
    void isFoundInTime() {
        for (long down = 1; down < 9_000; down += 37) {
            ManualTicker time = new ManualTicker();
            ScoutPauses pauses = new ScoutPauses(Duration.ofSeconds(10));
            long start = time.nanos();
            pauses.down(start);
            do {
                time.advanceNanos(pauses.nextNanos(time.nanos()));
            } while (time.nanos() - start < Duration.ofMillis(down).toNanos());
            assertThat(Duration.ofNanos(time.nanos() - start).toMillis()).isLessThanOrEqualTo(down + down / 4 + 51);
        }
    }

    private Duration next(ScoutPauses pauses) {
        return Duration.ofNanos(pauses.nextNanos(ticker.nanos()));
    }
}
