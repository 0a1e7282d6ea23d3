package io.tidegate.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class AttemptsPropertyTest {

    private static final Exception LOST = new Exception("lost");
    private static final Exception REFUSAL = new Exception("open");

    private long untilOpen;

    /** A run against an upstream that fails, refuses and hangs by chance, behind a gate that opens and shuts by chance. */
    @Property
    void everyRunEndsWithinItsBounds(
            @ForAll @IntRange(min = 1, max = 8) int maxAttempts,
            @ForAll @IntRange(min = 1, max = 5_000) int firstMillis,
            @ForAll @IntRange(min = 0, max = 20_000) int aboveMillis,
            @ForAll @IntRange(min = 1, max = 120_000) int deadlineMillis,
            @ForAll long seed) {
        Random random = new Random(seed);
        RetryConfig config = new RetryConfig(
                maxAttempts,
                Duration.ofMillis(firstMillis),
                Duration.ofMillis(firstMillis + aboveMillis),
                Duration.ofMillis(deadlineMillis));
        long tokens = 1_000;
        RetryBudget budget = RetryBudget.of(0, 1_000, 1_000, new ManualTicker());
        ManualTicker time = new ManualTicker();
        Attempts attempts = new Attempts(
                RetryPolicy.builder(config)
                        .budget(budget)
                        .gate(() -> Duration.ofNanos(untilOpen), error -> error == REFUSAL)
                        .random(random::nextLong)
                        .build(),
                time.nanos());
        long begin = time.nanos();
        long deadline = Duration.ofMillis(deadlineMillis).toNanos();
        int failures = 0;
        int retries = 0;

        long wait = Attempts.START;
        while (wait == Attempts.START) {
            assertThat(time.nanos() - begin).as("start of an attempt").isLessThan(deadline);
            boolean refused = random.nextInt(3) == 0;
            time.advanceNanos(refused ? 0 : random.nextLong(3_000_000_000L));
            untilOpen = random.nextBoolean() ? 0 : random.nextLong(5_000_000_000L);
            wait = attempts.failed(refused ? REFUSAL : LOST, time.nanos());
            failures += refused ? 0 : 1;
            retries += refused || wait == Attempts.GIVE_UP ? 0 : 1;

            while (wait != Attempts.GIVE_UP) {
                assertThat(wait)
                        .isBetween(untilOpen, untilOpen + config.maxBackoff().toNanos());
                assertThat(time.nanos() + wait - begin).as("end of a wait").isLessThan(deadline);
                time.advanceNanos(wait);
                untilOpen = random.nextInt(3) > 0 ? 0 : random.nextLong(5_000_000_000L);
                wait = attempts.waited(time.nanos());
                if (wait == Attempts.START) {
                    break;
                }
            }
        }

        assertThat(attempts.attempts()).isEqualTo(failures);
        assertThat(attempts.reason())
                .isEqualTo(failures == maxAttempts ? GiveUpReason.ATTEMPTS : GiveUpReason.DEADLINE);
        assertThat(tokens - budget.available()).as("tokens taken").isEqualTo(retries);
    }
}
