package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LoopCounterTest {

    private static final int ADDITIONS = 5_000_000;
    /** So large that a value read in two halves would show. */
    private static final long AMOUNT = (1L << 33) + 1;

    private final LoopCounter counter = new LoopCounter();

    @Test
    void startsAtZero() {
        assertThat(counter.get()).isZero();
    }

    @Test
    void sumsWhatWasAdded() {
        counter.increment();
        counter.add(41);
        counter.add(0);

        assertThat(counter.get()).isEqualTo(42);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void concurrentReaderSeesWholeValuesThatOnlyGrowUpToTheFinalSum() {
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < ADDITIONS; i++) {
                counter.add(AMOUNT);
            }
        });

        long last = 0;
        while (last < AMOUNT * ADDITIONS) {
            long value = counter.get();
            if (value < last || value % AMOUNT != 0) {
                assertThat(value).as("after %d", last).isGreaterThanOrEqualTo(last);
                assertThat(value % AMOUNT).as("torn: %d", value).isZero();
            }
            last = value;
        }

        writer.join();
        assertThat(counter.get()).isEqualTo(AMOUNT * ADDITIONS).isEqualTo(last);
    }
}
