package io.tidegate.server.upstream.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.server.upstream.pace.Pacer.Place;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacerTest {

    private final ManualTicker ticker = new ManualTicker();

    @ParameterizedTest
    @CsvSource({"1, 1", "19, 1", "40, 2", "500, 25", "2000, 100"})
    void afterARestABurstGoesAndThenOneASlot(int perSecond, int burst) {
        Pacer<String> pacer = new Pacer<>(perSecond, ticker);
        ticker.advance(Duration.ofHours(1));
        assertThat(slots(pacer)).isEqualTo(burst);

        assertThat(pacer.untilSlotNanos()).isPositive().isLessThanOrEqualTo(pacer.slotNanos());
        ticker.advanceNanos(pacer.untilSlotNanos() - 1);
        assertThat(slots(pacer)).isZero();
        ticker.advanceNanos(1);
        assertThat(slots(pacer)).isEqualTo(1);
    }

    @Test
    void inNoTimeDoMoreGoThanRateAndBurstAllow() {
        Pacer<String> pacer = new Pacer<>(500, ticker);
        Random random = new Random(1);
        List<Long> taken = new ArrayList<>();
        long start = ticker.nanos();
        for (int i = 0; i < 20_000; i++) {
            ticker.advanceNanos(random.nextInt(1_000_000));
            if (random.nextInt(3) > 0 && pacer.untilSlotNanos() == 0) {
                pacer.takeSlot();
                taken.add(ticker.nanos() - start);
            }
        }
        for (int from = 0; from < taken.size(); from += 7) {
            for (int to = from; to < taken.size(); to += 13) {
                double seconds = (taken.get(to) - taken.get(from)) / 1e9;
                assertThat(to - from + 1.0).isLessThanOrEqualTo(25 + 500 * seconds + 1e-6);
            }
        }
        assertThat(taken.size() / ((ticker.nanos() - start) / 1e9))
                .as("per second")
                .isBetween(490.0, 510.0);
    }

    @Test
    void thoseWhoWaitStandInTheOrderInWhichTheyCame() {
        Pacer<String> pacer = new Pacer<>(500, ticker);
        for (String entry : List.of("a", "b", "c")) {
            pacer.add(entry);
        }
        assertThat(emptied(pacer)).containsExactly("a", "b", "c");
        assertThat(pacer.first()).isNull();
        pacer.add("d");
        assertThat(emptied(pacer)).containsExactly("d");
    }

    @Test
    void whoLeavesIsGoneFromWhereverHeStood() {
        Pacer<String> pacer = new Pacer<>(500, ticker);
        Place<String> a = pacer.add("a");
        Place<String> b = pacer.add("b");
        pacer.add("c");
        Place<String> d = pacer.add("d");
        pacer.remove(b);
        pacer.remove(b);
        pacer.remove(d);
        pacer.remove(a);
        assertThat(pacer.size()).isEqualTo(1);
        pacer.add("e");
        assertThat(emptied(pacer)).containsExactly("c", "e");
    }

    @Test
    void aRateOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new Pacer<>(0, ticker)).hasMessage("perSecond: 0 (expected: 1 to 1000000)");
        assertThatThrownBy(() -> new Pacer<>(1_000_001, ticker)).hasMessageContaining("1000001");
    }

    private static int slots(Pacer<?> pacer) {
        int slots = 0;
        for (; pacer.untilSlotNanos() == 0; slots++) {
            pacer.takeSlot();
        }
        return slots;
    }

    private static List<String> emptied(Pacer<String> pacer) {
        List<String> entries = new ArrayList<>();
        for (Place<String> first = pacer.first(); first != null; first = pacer.first()) {
            entries.add(first.entry());
            pacer.remove(first);
        }
        return entries;
    }
}
