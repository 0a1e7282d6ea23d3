package io.tidegate.bench.load;

import static io.tidegate.bench.load.Outstanding.Arrival.DUPLICATE;
import static io.tidegate.bench.load.Outstanding.Arrival.IN_ORDER;
import static io.tidegate.bench.load.Outstanding.Arrival.REORDERED;
import static io.tidegate.bench.load.Outstanding.Arrival.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutstandingTest {

    private final Outstanding outstanding = new Outstanding();

    @Test
    void tellsArrivalsApart() {
        send(4);

        assertThat(outstanding.arrive(0)).isEqualTo(IN_ORDER);
        assertThat(outstanding.arrive(2)).isEqualTo(IN_ORDER);
        assertThat(outstanding.arrive(1)).isEqualTo(REORDERED);
        assertThat(outstanding.arrive(1)).isEqualTo(DUPLICATE);
        assertThat(outstanding.arrive(2)).isEqualTo(DUPLICATE);
        assertThat(outstanding.arrive(4)).isEqualTo(UNKNOWN);
        assertThat(outstanding.missing()).isEqualTo(1);
    }

    @Test
    void remembersWhenEachWasDue() {
        send(100);
        List<Long> order = new ArrayList<>();
        for (long i = 0; i < 100; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(1));
        for (long sequence : order) {
            assertThat(outstanding.arrive(sequence)).isIn(IN_ORDER, REORDERED);
            assertThat(outstanding.settledDueNanos()).isEqualTo(1_000 + sequence);
        }
        assertThat(outstanding.missing()).isZero();
    }

    @Test
    void growsAroundAMessageThatNeverComes() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(outstanding.add(i)).isFalse();
            if (i > 0) {
                assertThat(outstanding.arrive(i)).isEqualTo(IN_ORDER);
                assertThat(outstanding.settledDueNanos()).isEqualTo(i);
            }
        }
        assertThat(outstanding.missing()).isEqualTo(1);
        assertThat(outstanding.arrive(0)).isEqualTo(REORDERED);
    }

    @Test
    void givesUpTheOldestBeyondItsSpan() {
        for (int i = 0; i < Outstanding.SPAN; i++) {
            assertThat(outstanding.add(i)).isFalse();
        }
        outstanding.arrive(1);
        assertThat(outstanding.add(5)).isTrue();
        assertThat(outstanding.missing()).isEqualTo(Outstanding.SPAN - 1);
        assertThat(outstanding.add(6)).as("message 1 has been settled").isFalse();
        assertThat(outstanding.arrive(0)).isEqualTo(DUPLICATE);
        assertThat(outstanding.arrive(2)).isEqualTo(IN_ORDER);
    }

    private void send(int messages) {
        for (int i = 0; i < messages; i++) {
            outstanding.add(1_000 + i);
        }
    }
}
