package io.tidegate.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RedialRunTest {

    private static final long MAX = Duration.ofSeconds(10).toNanos();

    @Test
    void theCeilingGrowsWithTheTimeSinceTheLossBetweenItsBounds() {
        assertThat(ceilingMillis(0)).isEqualTo(50);
        assertThat(ceilingMillis(50)).isEqualTo(50);
        assertThat(ceilingMillis(51)).isEqualTo(51);
        assertThat(ceilingMillis(3_000)).isEqualTo(3_000);
        assertThat(ceilingMillis(60_000)).isEqualTo(10_000);
    }

    /** What the Javadoc promises, with dials that fail at once. */
    @Test
    void afterTwiceTheDowntimeThereWasADial() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            long down = Duration.ofMillis(1 + random.nextInt(8_000)).toNanos();
            long now = 0;
            while (now < down) {
                now += (long) (random.nextDouble() * RedialRun.ceilingNanos(now, MAX));
            }
            assertThat(now).isLessThanOrEqualTo(2 * down + Duration.ofMillis(50).toNanos());
        }
    }

    private static long ceilingMillis(long sinceLossMillis) {
        return Duration.ofNanos(RedialRun.ceilingNanos(
                        Duration.ofMillis(sinceLossMillis).toNanos(), MAX))
                .toMillis();
    }
}
