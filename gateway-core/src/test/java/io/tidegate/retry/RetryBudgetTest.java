package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private final ManualTicker ticker = new ManualTicker();

    @Test
    void startsWithTheAllowanceOfOneSecond() {
        RetryBudget budget = RetryBudget.of(0.5, 3, 10, ticker);

        assertThat(budget.available()).isEqualTo(3);
        assertThat(take(budget, 10)).isEqualTo(3);
        assertThat(budget.available()).isZero();
    }

    @Test
    void neverStartsAboveItsCapacity() {
        assertThat(RetryBudget.of(0.5, 1_000, 10, ticker).available()).isEqualTo(10);
    }

    @Test
    void freshAttemptsPayForTheirShareOfRetries() {
        RetryBudget budget = emptied(RetryBudget.of(0.2, 10, 100, ticker));

        deposit(budget, 4);
        assertThat(budget.tryTake()).isFalse();
        deposit(budget, 1);
        assertThat(take(budget, 10)).isEqualTo(1);
        deposit(budget, 50);
        assertThat(take(budget, 100)).isEqualTo(10);
    }

    @Test
    void aShareOfOneIsOneRetryForEachFreshAttempt() {
        RetryBudget budget = emptied(RetryBudget.of(1, 1, 100, ticker));

        deposit(budget, 7);

        assertThat(take(budget, 100)).isEqualTo(7);
    }

    @Test
    void aShareOfZeroLeavesTheAllowance() {
        RetryBudget budget = emptied(RetryBudget.of(0, 2, 100, ticker));

        deposit(budget, 1_000);
        assertThat(budget.tryTake()).isFalse();
        ticker.advance(Duration.ofSeconds(1));
        assertThat(take(budget, 100)).isEqualTo(2);
    }

    @Test
    void theAllowanceComesEvenly() {
        RetryBudget budget = emptied(RetryBudget.of(0.2, 4, 100, ticker));

        ticker.advanceNanos(Duration.ofMillis(250).toNanos() - 1);
        assertThat(budget.tryTake()).isFalse();
        ticker.advanceNanos(1);
        assertThat(budget.available()).isEqualTo(1);
        assertThat(take(budget, 10)).isEqualTo(1);
        ticker.advance(Duration.ofSeconds(3));
        assertThat(take(budget, 100)).isEqualTo(12);
    }

    @Test
    void savesUpToItsCapacityOverTime() {
        RetryBudget budget = emptied(RetryBudget.of(0.2, 10, 25, ticker));

        ticker.advance(Duration.ofDays(10_000));

        assertThat(budget.available()).isEqualTo(25);
        assertThat(take(budget, 100)).isEqualTo(25);
    }

    @Test
    void savesUpToItsCapacityOfDeposits() {
        RetryBudget budget = emptied(RetryBudget.of(0.5, 10, 25, ticker));

        deposit(budget, 1_000);

        assertThat(budget.available()).isEqualTo(25);
        assertThat(take(budget, 100)).isEqualTo(25);
    }

    @Test
    void aDepositAfterALongRestAddsNothingToAFullBudget() {
        RetryBudget budget = emptied(RetryBudget.of(1, 10, 25, ticker));

        ticker.advance(Duration.ofDays(1));
        deposit(budget, 1);

        assertThat(take(budget, 100)).isEqualTo(25);
    }

    @Test
    void theShortFormAllowsTenASecondAndAHundredAtOnce() {
        RetryBudget budget = RetryBudget.of(1);

        assertThat(budget.available()).isBetween(10L, 100L);
        deposit(budget, 1_000);
        assertThat(budget.available()).isEqualTo(100);
    }

    @Test
    void unlimitedHasRoomForAll() {
        RetryBudget.UNLIMITED.deposit();

        assertThat(take(RetryBudget.UNLIMITED, 1_000)).isEqualTo(1_000);
        assertThat(RetryBudget.UNLIMITED.available()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void takesTheBounds() {
        assertThat(emptied(RetryBudget.of(0, 1, 1, ticker)).available()).isZero();
        RetryBudget large = RetryBudget.of(1, 100_000, 1_000_000_000, ticker);
        assertThat(large.available()).isEqualTo(100_000);
        ticker.advance(Duration.ofSeconds(9_999));
        assertThat(large.available()).isEqualTo(1_000_000_000);
    }

    @Test
    void saysWhatIsWrong() {
        assertRefused(() -> RetryBudget.of(20), "ratio: 20.0 (expected: 0-1)");
        assertRefused(() -> RetryBudget.of(-0.1), "ratio: -0.1 (expected: 0-1)");
        assertRefused(() -> RetryBudget.of(Double.NaN), "ratio: NaN (expected: 0-1)");
        assertRefused(() -> RetryBudget.of(0.2, 0, 1, ticker), "perSecond: 0 (expected: 1-100000)");
        assertRefused(() -> RetryBudget.of(0.2, 100_001, 1, ticker), "perSecond: 100001 (expected: 1-100000)");
        assertRefused(() -> RetryBudget.of(0.2, 1, 0, ticker), "capacity: 0 (expected: 1-1000000000)");
        assertRefused(
                () -> RetryBudget.of(0.2, 1, 1_000_000_001, ticker), "capacity: 1000000001 (expected: 1-1000000000)");
    }

    private static RetryBudget emptied(RetryBudget budget) {
        while (budget.tryTake()) {
            // until it is empty
        }
        return budget;
    }

    private static void deposit(RetryBudget budget, int times) {
        for (int i = 0; i < times; i++) {
            budget.deposit();
        }
    }

    private static int take(RetryBudget budget, int times) {
        int taken = 0;
        for (int i = 0; i < times; i++) {
            if (budget.tryTake()) {
                taken++;
            }
        }
        return taken;
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
