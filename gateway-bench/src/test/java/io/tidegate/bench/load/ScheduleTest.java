package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScheduleTest {

    private static final long START = Long.parseLong("9223372036854770807"); // overflows, as nanoTime may

    @Test
    void dueTimesDoNotDependOnWhatHappened() {
        Schedule schedule = new Schedule(1_000_000, 0, 1, START, START + 10_000);

        assertThat(schedule.isDue(START - 1)).isFalse();
        assertThat(schedule.isDue(START)).isTrue();
        schedule.take();
        assertThat(schedule.nextDueNanos()).isEqualTo(START + 1_000);
        assertThat(schedule.isDue(START + 999)).isFalse();
        assertThat(schedule.countDue(START + 7_500)).isEqualTo(7);
        schedule.take();
        assertThat(schedule.nextDueNanos()).isEqualTo(START + 2_000);
    }

    @Test
    void nothingIsDueAtTheEnd() {
        Schedule schedule = new Schedule(1_000_000, 0, 1, START, START + 10_000);
        assertThat(schedule.remaining()).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(schedule.isDue(START + 1_000_000)).isTrue();
            schedule.take();
        }
        assertThat(schedule.finished()).isTrue();
        assertThat(schedule.isDue(START + 1_000_000)).isFalse();
        assertThat(schedule.remaining()).isZero();
    }

    @Test
    void loopsTakeTurns() {
        Schedule first = new Schedule(1_000_000, 0, 2, 0, 4_000);
        Schedule second = new Schedule(1_000_000, 1, 2, 0, 4_000);

        assertThat(first.nextDueNanos()).isZero();
        assertThat(second.nextDueNanos()).isEqualTo(1_000);
        first.take();
        assertThat(first.nextDueNanos()).isEqualTo(2_000);
        assertThat(first.remaining() + second.remaining()).isEqualTo(3);
    }

    @Test
    void anEarlierEndCounts() {
        Schedule schedule = new Schedule(1_000_000, 0, 1, START, START + 10_000);
        schedule.end(START + 2_001);
        assertThat(schedule.remaining()).isEqualTo(3);
        schedule.end(START + 9_000);
        assertThat(schedule.remaining()).isEqualTo(3);
    }

    @Test
    void aLongRunDoesNotDrift() {
        Schedule schedule = new Schedule(3, 0, 1, 0, Long.MAX_VALUE);
        for (int i = 0; i < 3_000_000; i++) {
            schedule.take();
        }
        assertThat(schedule.nextDueNanos()).isEqualTo(1_000_000_000_000_000L);
    }
}
