package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class BackoffPropertyTest {

    private static final long YEAR = 365L * 24 * 3600 * 1_000_000_000;

    @Property
    void ceilingIsThatOfUnboundedArithmetic(
            @ForAll @LongRange(min = 1, max = YEAR) long first,
            @ForAll @LongRange(min = 0, max = YEAR) long above,
            @ForAll @IntRange(min = 0, max = 200) int step) {
        long max = Math.min(YEAR, first + above);
        Backoff backoff = new Backoff(Duration.ofNanos(first), Duration.ofNanos(max));

        BigInteger expected = BigInteger.valueOf(first).shiftLeft(step).min(BigInteger.valueOf(max));

        assertThat(backoff.ceilingNanos(step)).isEqualTo(expected.longValueExact());
    }

    @Property
    void delayIsNeverNegativeAndNeverAboveTheCeiling(
            @ForAll @LongRange(min = 1, max = YEAR) long first,
            @ForAll @IntRange(min = 0, max = 200) int step,
            @ForAll long seed) {
        Random random = new Random(seed);
        Backoff backoff = new Backoff(Duration.ofNanos(first), Duration.ofNanos(YEAR), random::nextLong);

        assertThat(backoff.delayNanos(step)).isBetween(0L, backoff.ceilingNanos(step));
    }
}
