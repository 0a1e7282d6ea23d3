package io.tidegate.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidegate.server.log.LineRate.Verdict;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineRateTest {

    private final ManualTicker ticker = new ManualTicker();
    private final LineRate rate = new LineRate(10, ticker);

    private List<Verdict> next(int lines) {
        return IntStream.range(0, lines).mapToObj(i -> rate.next()).toList();
    }

    @Test
    void letsSoManyThroughAtOnceAndTheSameNumberASecondLater() {
        for (int second = 0; second < 3; second++) {
            assertThat(next(10)).containsOnly(Verdict.WRITE);
            assertThat(next(5)).doesNotContain(Verdict.WRITE);
            ticker.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void theSecondBeginsWithItsFirstLine() {
        ticker.advance(Duration.ofMillis(999));
        assertThat(next(10)).containsOnly(Verdict.WRITE);
        ticker.advance(Duration.ofMillis(999));
        assertThat(rate.next()).isNotEqualTo(Verdict.WRITE);
        ticker.advance(Duration.ofMillis(1));
        assertThat(rate.next()).isEqualTo(Verdict.WRITE);
    }

    @Test
    void aStormIsSaidToBeOneOnceUntilItIsTold() {
        assertThat(next(4_500)).filteredOn(Verdict.KEEP_BACK_AND_SAY_SO::equals).hasSize(1);
        assertThat(rate.keptBack().lines()).isEqualTo(4_490);
        assertThat(rate.next()).isEqualTo(Verdict.KEEP_BACK_AND_SAY_SO);
        assertThat(rate.next()).isEqualTo(Verdict.KEEP_BACK);
        assertThat(rate.keptBack().lines()).isEqualTo(2);
        assertThat(rate.keptBack().lines()).isZero();
    }

    @Test
    void whatWasKeptBackWaitsForAnyTimeAndIsToldInWords() {
        next(4_500);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(rate.next()).isEqualTo(Verdict.WRITE);
        ticker.advance(Duration.ofMillis(10_900));
        assertThat(rate.keptBack()).hasToString("and 4,490 more like it in the last 12 s");
    }

    @Test
    void fewAreToldInTheLastSecondHoweverShortAgo() {
        next(11);
        assertThat(rate.keptBack()).hasToString("and 1 more like it in the last 1 s");
    }

    @Test
    void noLineIsLostAmongThreads() throws Exception {
        int threads = 4;
        int each = 20_000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            Callable<Long> work = () -> {
                long told = 0;
                for (int i = 0; i < each; i++) {
                    told += switch (rate.next()) {
                        case WRITE -> 1;
                        case KEEP_BACK -> 0;
                        case KEEP_BACK_AND_SAY_SO -> rate.keptBack().lines();
                    };
                }
                return told;
            };
            List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(work));
            }
            long told = 0;
            for (Future<Long> one : running) {
                told += one.get();
            }
            assertThat(told + rate.keptBack().lines()).isEqualTo((long) threads * each);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void mustLetSomeThrough() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LineRate(0, ticker))
                .withMessage("perSecond: 0 (expected: > 0)");
    }
}
