package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.math.BigDecimal;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

class RetryBudgetPropertyTest {

    /** Divisors of a second's nanoseconds, so that a token is a whole number of them. */
    private static final int[] PER_SECOND = {1, 2, 4, 5, 8, 10, 100, 1_000, 100_000};

    /** Deposits, takes, and times that pass in between, in nanoseconds. */
    @Provide
    Arbitrary<List<Long>> steps() {
        return Arbitraries.frequencyOf(
                        Tuple.of(5, Arbitraries.just(Model.DEPOSIT)),
                        Tuple.of(5, Arbitraries.just(Model.TAKE)),
                        Tuple.of(2, Arbitraries.longs().between(0, 3_000_000_000L)),
                        Tuple.of(1, Arbitraries.longs().between(0, 200_000_000_000_000L)))
                .list()
                .ofMaxSize(300);
    }

    @Property
    void agreesWithATextbookTokenBucket(
            @ForAll("steps") List<Long> steps,
            @ForAll @IntRange(min = 0, max = 100) int percent,
            @ForAll @IntRange(min = 0, max = 8) int rate,
            @ForAll @IntRange(min = 1, max = 50) int capacity) {
        ManualTicker ticker = new ManualTicker();
        RetryBudget budget = RetryBudget.of(percent / 100.0, PER_SECOND[rate], capacity, ticker);
        Model model = new Model(percent, PER_SECOND[rate], capacity);

        for (long step : steps) {
            if (step == Model.DEPOSIT) {
                budget.deposit();
                model.add(model.share);
            } else if (step == Model.TAKE) {
                assertThat(budget.tryTake()).isEqualTo(model.take());
            } else {
                ticker.advanceNanos(step);
                model.add(model.perNano.multiply(BigDecimal.valueOf(step)));
            }
            assertThat(budget.available()).isEqualTo(model.tokens.longValue());
        }
    }

    /** Tokens as a number, exactly. */
    private static final class Model {

        static final long DEPOSIT = -1;
        static final long TAKE = -2;

        final BigDecimal share;
        final BigDecimal perNano;
        private final BigDecimal capacity;
        private BigDecimal tokens;

        Model(int percent, int perSecond, int capacity) {
            this.share = BigDecimal.valueOf(percent, 2);
            this.perNano = BigDecimal.valueOf(perSecond, 9);
            this.capacity = BigDecimal.valueOf(capacity);
            this.tokens = BigDecimal.valueOf(Math.min(perSecond, capacity));
        }

        void add(BigDecimal some) {
            tokens = tokens.add(some).min(capacity);
        }

        boolean take() {
            if (tokens.compareTo(BigDecimal.ONE) < 0) {
                return false;
            }
            tokens = tokens.subtract(BigDecimal.ONE);
            return true;
        }
    }
}
