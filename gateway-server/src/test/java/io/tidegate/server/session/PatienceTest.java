package io.tidegate.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final long START = Long.MAX_VALUE - 500; // nanoseconds wrap around
    private final Patience patience = new Patience(100, START);

    @Test
    void aPeerThatDoesNothingHasTheTimeout() {
        assertThat(left(0, 0)).isEqualTo(100);
        assertThat(left(0, 99)).isEqualTo(1);
        assertThat(left(0, 100)).isZero();
        assertThat(left(0, 150)).isNegative();
    }

    @Test
    void itHasItFromWhenItWasAsked() {
        assertThat(left(1000, 1000)).isEqualTo(100);
    }

    @Test
    void aSignOfLifeGivesItAnother() {
        patience.sign(at(90));
        assertThat(left(0, 100)).isEqualTo(90);
        assertThat(left(0, 190)).isZero();
    }

    @Test
    void signsOfLifeAloneAreNotEnoughForEver() {
        for (int now = 0; now < 950; now += 50) {
            patience.sign(at(now));
            assertThat(left(0, now)).as("after %s", now).isPositive();
        }
        patience.sign(at(999));
        assertThat(left(0, 999)).isEqualTo(1);
        assertThat(left(0, 1000)).isZero();
    }

    @Test
    void anAnswerBeginsItAnew() {
        patience.sign(at(990));
        patience.answered(at(995));
        assertThat(left(0, 1000)).isEqualTo(95);
        patience.sign(at(1090));
        assertThat(left(0, 1100)).isEqualTo(90);
        assertThat(patience.sinceAnswer(at(1100))).isEqualTo(105);
    }

    private static long at(long nanos) {
        return START + nanos;
    }

    private long left(long asked, long now) {
        return patience.left(at(asked), at(now));
    }
}
