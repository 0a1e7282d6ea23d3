package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttemptsTest {

    private static final long MILLI = 1_000_000;
    private static final RetryConfig CONFIG =
            new RetryConfig(5, Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofSeconds(60));
    private static final IOException LOST = new IOException("lost");
    private static final IllegalStateException REFUSAL = new IllegalStateException("open");

    private final ManualTicker ticker = new ManualTicker();
    private final CountingBudget budget = new CountingBudget();
    private Duration untilOpen = Duration.ZERO;

    @Test
    void waitsDoubleUntilTheAttemptsAreUsedUp() {
        Attempts attempts = attempts(CONFIG);
        List<Long> waits = new ArrayList<>();

        for (int i = 1; i < 5; i++) {
            waits.add(failAndWait(attempts) / MILLI);
        }

        assertThat(waits).containsExactly(100L, 200L, 400L, 800L);
        assertThat(attempts.attempts()).isEqualTo(5);
        assertThat(fail(attempts)).isEqualTo(Attempts.GIVE_UP);
        assertThat(attempts.reason()).isEqualTo(GiveUpReason.ATTEMPTS);
        assertThat(attempts.attempts()).isEqualTo(5);
    }

    @Test
    void aSingleAttemptIsNeverRepeated() {
        assertThat(fail(attempts(CONFIG.withMaxAttempts(1)))).isEqualTo(Attempts.GIVE_UP);
    }

    @Test
    void drawsEachDelayFromZeroToItsCeiling() {
        List<Long> bounds = new ArrayList<>();
        Attempts attempts = attempts(builder(CONFIG).random(bound -> {
            bounds.add(bound);
            return 0;
        }));

        failAndWait(attempts);
        failAndWait(attempts);

        assertThat(bounds).containsExactly(100 * MILLI + 1, 200 * MILLI + 1);
    }

    @Test
    void drawsByItself() {
        assertThat(IntStream.range(0, 100)
                        .mapToLong(i -> RetryPolicy.of(CONFIG).backoff.delayNanos(0)))
                .allMatch(nanos -> nanos >= 0 && nanos <= 100 * MILLI)
                .doesNotHaveDuplicates();
    }

    @Test
    void theFirstAttemptPaysInAndEachRetryTakesAToken() {
        Attempts attempts = attempts(CONFIG);
        assertThat(budget.deposits).isEqualTo(1);
        assertThat(budget.takes).isZero();

        failAndWait(attempts);
        failAndWait(attempts);

        assertThat(budget.deposits).isEqualTo(1);
        assertThat(budget.takes).isEqualTo(2);
    }

    @Test
    void givesUpWithoutBudget() {
        Attempts attempts = attempts(CONFIG);
        budget.empty = true;

        assertThat(fail(attempts)).isEqualTo(Attempts.GIVE_UP);
        assertThat(attempts.reason()).isEqualTo(GiveUpReason.BUDGET);
    }

    @Test
    void takesNoTokenForARetryThatWillNotBe() {
        fail(attempts(CONFIG.withMaxAttempts(1)));
        fail(attempts(CONFIG.withDeadline(Duration.ofMillis(100))));
        fail(attempts(builder(CONFIG).retryOn(error -> false)));

        assertThat(budget.takes).isZero();
    }

    @Test
    void doesNotRepeatWhatIsNotWorthIt() {
        Attempts attempts = attempts(builder(CONFIG).retryOn(error -> error != LOST));

        assertThat(attempts.failed(LOST, ticker.nanos())).isEqualTo(Attempts.GIVE_UP);
        assertThat(attempts.reason()).isEqualTo(GiveUpReason.NOT_RETRYABLE);
        assertThat(attempts.cause()).isSameAs(LOST);
    }

    @Test
    void repeatsAfterExceptionsButNotAfterErrorsByDefault() {
        assertThat(attempts(CONFIG).failed(new Exception(), ticker.nanos())).isEqualTo(100 * MILLI);
        assertThat(attempts(CONFIG).failed(new AssertionError(), ticker.nanos()))
                .isEqualTo(Attempts.GIVE_UP);
    }

    @Test
    void startsNothingAtTheDeadline() {
        RetryConfig justTooShort = CONFIG.withDeadline(Duration.ofMillis(100));
        RetryConfig justEnough = CONFIG.withDeadline(Duration.ofNanos(100 * MILLI + 1));

        Attempts late = attempts(justTooShort);
        assertThat(fail(late)).isEqualTo(Attempts.GIVE_UP);
        assertThat(late.reason()).isEqualTo(GiveUpReason.DEADLINE);
        assertThat(fail(attempts(justEnough))).isEqualTo(100 * MILLI);
    }

    @Test
    void theDeadlineRunsFromTheFirstAttempt() {
        Attempts attempts = attempts(CONFIG.withDeadline(Duration.ofMillis(1_000)));

        ticker.advance(Duration.ofMillis(899));
        assertThat(fail(attempts)).isEqualTo(100 * MILLI);
        ticker.advance(Duration.ofMillis(1));
        assertThat(fail(attempts(CONFIG.withDeadline(Duration.ofMillis(101))))).isEqualTo(100 * MILLI);
        assertThat(fail(attempts)).isEqualTo(Attempts.GIVE_UP);
    }

    @Test
    void startsNothingWhenTheTimerWasTooLate() {
        Attempts attempts = attempts(CONFIG.withDeadline(Duration.ofMillis(101)));
        fail(attempts);

        ticker.advance(Duration.ofMillis(101));

        assertThat(attempts.waited(ticker.nanos())).isEqualTo(Attempts.GIVE_UP);
        assertThat(attempts.reason()).isEqualTo(GiveUpReason.DEADLINE);
        assertThat(attempts.attempts()).isEqualTo(1);
    }

    @Test
    void goesOnForeverWithoutADeadline() {
        Attempts attempts = attempts(CONFIG.withDeadline(Duration.ZERO));

        ticker.advance(Duration.ofDays(36_500));

        assertThat(failAndWait(attempts)).isEqualTo(100 * MILLI);
    }

    @Test
    void waitsForTheGateAndTheBackoffOnTop() {
        Attempts attempts = gated(CONFIG);
        untilOpen = Duration.ofMillis(700);

        assertThat(fail(attempts)).isEqualTo(800 * MILLI);
        assertThat(attempts.isHeldBack()).isFalse();
    }

    @Test
    void asksTheGateAgainWhenTheWaitIsOver() {
        Attempts attempts = gated(CONFIG);
        fail(attempts);
        untilOpen = Duration.ofSeconds(2);

        assertThat(attempts.waited(ticker.nanos())).isEqualTo(2_100 * MILLI);
        assertThat(attempts.waited(ticker.nanos())).isEqualTo(2_200 * MILLI);
        assertThat(attempts.isHeldBack()).isTrue();
        assertThat(attempts.attempts()).isEqualTo(1);
        assertThat(budget.takes).isEqualTo(1);
        untilOpen = Duration.ZERO;
        assertThat(attempts.waited(ticker.nanos())).isEqualTo(Attempts.START);
        assertThat(attempts.attempts()).isEqualTo(2);
    }

    @Test
    void aRefusalIsNoAttemptAndCostsNothing() {
        Attempts attempts = gated(CONFIG.withMaxAttempts(1));

        assertThat(attempts.failed(REFUSAL, ticker.nanos())).isEqualTo(100 * MILLI);
        assertThat(attempts.attempts()).isZero();
        assertThat(attempts.isHeldBack()).isTrue();
        assertThat(attempts.waited(ticker.nanos())).isEqualTo(Attempts.START);
        assertThat(attempts.attempts()).isEqualTo(1);
        assertThat(budget.takes).isZero();
        assertThat(fail(attempts)).isEqualTo(Attempts.GIVE_UP);
        assertThat(attempts.reason()).isEqualTo(GiveUpReason.ATTEMPTS);
    }

    @Test
    void aRefusalIsWaitedForWhateverThePredicateThinksOfIt() {
        Attempts attempts = attempts(
                builder(CONFIG).gate(() -> untilOpen, error -> error == REFUSAL).retryOn(error -> false));

        assertThat(attempts.failed(REFUSAL, ticker.nanos())).isEqualTo(100 * MILLI);
    }

    @Test
    void waitsGrowWhileAnOpenGateRefuses() {
        Attempts attempts = gated(CONFIG);
        List<Long> waits = new ArrayList<>();

        for (int i = 0; i < 4; i++) {
            waits.add(attempts.failed(REFUSAL, ticker.nanos()) / MILLI);
            assertThat(attempts.waited(ticker.nanos())).isEqualTo(Attempts.START);
        }

        assertThat(waits).containsExactly(100L, 200L, 400L, 800L);
    }

    @Test
    void anAttemptThatGotThroughEndsTheGrowth() {
        Attempts attempts = gated(CONFIG);
        for (int i = 0; i < 3; i++) {
            attempts.failed(REFUSAL, ticker.nanos());
            attempts.waited(ticker.nanos());
        }
        failAndWait(attempts);

        assertThat(attempts.failed(REFUSAL, ticker.nanos())).isEqualTo(100 * MILLI);
    }

    @Test
    void givesUpAtOnceWhenTheGateStaysShutUntilTheDeadline() {
        untilOpen = Duration.ofMillis(59_900);

        Attempts refused = gated(CONFIG);
        assertThat(refused.failed(REFUSAL, ticker.nanos())).isEqualTo(Attempts.GIVE_UP);
        assertThat(refused.reason()).isEqualTo(GiveUpReason.DEADLINE);
        assertThat(fail(gated(CONFIG))).isEqualTo(Attempts.GIVE_UP);
        untilOpen = untilOpen.minusNanos(1);
        assertThat(fail(gated(CONFIG))).isEqualTo(60_000 * MILLI - 1);
    }

    @Test
    void aGateMaySayAnything() {
        untilOpen = Duration.ofSeconds(Long.MAX_VALUE);
        assertThat(fail(gated(CONFIG))).isEqualTo(Attempts.GIVE_UP);
        assertThat(fail(gated(CONFIG.withDeadline(Duration.ofDays(365))))).isEqualTo(Attempts.GIVE_UP);
        untilOpen = Duration.ofSeconds(-1);
        assertThat(fail(gated(CONFIG))).isEqualTo(100 * MILLI);
    }

    @Test
    void namesTheLastErrorAndTheRefusalOnlyIfThereWasNone() {
        Attempts attempts = gated(CONFIG);
        assertThat(attempts.cause()).isNull();
        attempts.failed(REFUSAL, ticker.nanos());
        assertThat(attempts.cause()).isSameAs(REFUSAL);
        attempts.waited(ticker.nanos());
        failAndWait(attempts);
        attempts.failed(REFUSAL, ticker.nanos());
        assertThat(attempts.cause()).isSameAs(LOST);
    }

    @Test
    void saysThatNoAttemptIsLeft() {
        Attempts attempts = attempts(CONFIG.withMaxAttempts(2));
        failAndWait(attempts);
        fail(attempts);
        ticker.advanceNanos(1_234_567_890L);

        RetryExhaustedException e = attempts.exhausted(GiveUpReason.ATTEMPTS, ticker.nanos());

        assertThat(e)
                .hasMessage("gave up after 2 attempts in 1.334s: no attempts left (maxAttempts: 2);"
                        + " last error: java.io.IOException: lost")
                .hasCause(LOST);
        assertThat(e.reason()).isEqualTo(GiveUpReason.ATTEMPTS);
        assertThat(e.attempts()).isEqualTo(2);
        assertThat(e.elapsed()).isEqualTo(Duration.ofNanos(1_334_567_890L));
        assertThat(e.getStackTrace()).isEmpty();
    }

    @Test
    void saysThatTheBudgetIsUsedUp() {
        Attempts attempts = attempts(CONFIG);
        budget.empty = true;
        fail(attempts);

        assertThat(attempts.exhausted(GiveUpReason.BUDGET, ticker.nanos()))
                .hasMessage("gave up after 1 attempt in 0s: the retry budget is used up: too many retries for the fresh"
                        + " attempts; last error: java.io.IOException: lost");
    }

    @Test
    void saysWhatTheDeadlineMet() {
        Attempts attempts = gated(CONFIG);
        ticker.advance(Duration.ofSeconds(59));
        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessage("gave up after 1 attempt in 59s: the last one was still under way at the deadline"
                        + " (deadline: 1m)")
                .hasNoCause();

        fail(attempts);
        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessage("gave up after 1 attempt in 59s: the next one would start after the deadline"
                        + " (deadline: 1m); last error: java.io.IOException: lost");

        untilOpen = Duration.ofSeconds(1);
        attempts.waited(ticker.nanos());
        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessageContaining("the gate stays shut until the deadline (deadline: 1m)");

        untilOpen = Duration.ZERO;
        attempts.waited(ticker.nanos());
        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessageStartingWith("gave up after 2 attempts in 59s: the last one was still under way");

        untilOpen = Duration.ofSeconds(1);
        fail(attempts);
        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessageContaining("the gate stays shut until the deadline (deadline: 1m)");
    }

    @Test
    void saysThatNoneWasLetIn() {
        Attempts attempts = gated(CONFIG);
        untilOpen = Duration.ofHours(1);
        attempts.failed(REFUSAL, ticker.nanos());

        assertThat(attempts.exhausted(GiveUpReason.DEADLINE, ticker.nanos()))
                .hasMessage("gave up after 0 attempts in 0s: the gate stays shut until the deadline (deadline: 1m);"
                        + " last error: java.lang.IllegalStateException: open");
    }

    private Attempts attempts(RetryConfig config) {
        return attempts(builder(config));
    }

    private Attempts gated(RetryConfig config) {
        return attempts(builder(config).gate(() -> untilOpen, error -> error == REFUSAL));
    }

    private Attempts attempts(RetryPolicy.Builder builder) {
        return new Attempts(builder.build(), ticker.nanos());
    }

    /** Draws the whole ceiling. */
    private RetryPolicy.Builder builder(RetryConfig config) {
        return RetryPolicy.builder(config).budget(budget).random(bound -> bound - 1);
    }

    private long fail(Attempts attempts) {
        return attempts.failed(LOST, ticker.nanos());
    }

    private long failAndWait(Attempts attempts) {
        long wait = fail(attempts);
        ticker.advanceNanos(wait);
        assertThat(attempts.waited(ticker.nanos())).isEqualTo(Attempts.START);
        return wait;
    }

    private static final class CountingBudget implements RetryBudget {

        private int deposits;
        private int takes;
        private boolean empty;

        @Override
        public void deposit() {
            deposits++;
        }

        @Override
        public boolean tryTake() {
            takes++;
            return !empty;
        }

        @Override
        public long available() {
            return empty ? 0 : 1;
        }
    }
}
