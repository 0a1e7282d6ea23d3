package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StripedCounterTest {

    private static final int ADDITIONS = 3_000_000;

    private final StripedCounter counter = new StripedCounter(3);

    @Test
    void sumsWhatAllLoopsCounted() {
        assertThat(counter.sum()).isZero();

        counter.add(0, 40);
        counter.increment(1);
        counter.increment(2);
        counter.add(2, 0);

        assertThat(counter.sum()).isEqualTo(42);
        assertThat(counter.activity()).isEqualTo(42);
        assertThat(counter.snapshot()).isEqualTo(new CounterSnapshot(42));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void rejectsALoopThatIsNone(int loop) {
        assertThatThrownBy(() -> counter.increment(loop)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(counter.sum()).isZero();
    }

    @Test
    void needsALoop() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StripedCounter(0))
                .withMessage("loops: 0 (expected: >= 1)");
    }

    @Test
    void snapshotsAddAndSubtract() {
        CounterSnapshot earlier = counter.snapshot();
        counter.add(1, 5);
        CounterSnapshot later = counter.snapshot();
        counter.add(1, 7);

        assertThat(later.minus(earlier).count()).isEqualTo(5);
        assertThat(counter.snapshot().minus(later).count()).isEqualTo(7);
        assertThat(later.plus(counter.snapshot()).count()).isEqualTo(17);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> earlier.minus(later))
                .withMessage("earlier: 5 (expected: <= 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CounterSnapshot(-1))
                .withMessage("count: -1 (expected: >= 0)");
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void losesNothingOfWhatLoopsCountAtOnce() {
        CompletableFuture<?>[] loops = new CompletableFuture<?>[3];
        for (int i = 0; i < loops.length; i++) {
            int loop = i;
            loops[i] = CompletableFuture.runAsync(() -> {
                for (int n = 0; n < ADDITIONS; n++) {
                    counter.add(loop, 2);
                }
            });
        }

        CompletableFuture<Void> all = CompletableFuture.allOf(loops);
        long last = 0;
        while (!all.isDone()) {
            long sum = counter.sum();
            if (sum < last || sum % 2 != 0) {
                assertThat(sum).isGreaterThanOrEqualTo(last).isEven();
            }
            last = sum;
        }

        all.join();
        assertThat(counter.sum()).isEqualTo(6L * ADDITIONS);
    }
}
