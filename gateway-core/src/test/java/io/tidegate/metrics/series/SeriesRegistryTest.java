package io.tidegate.metrics.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidegate.metrics.StripedCounter;
import io.tidegate.testkit.ManualTicker;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SeriesRegistryTest {

    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final String OTHER = "other";

    private final ManualTicker ticker = new ManualTicker();
    private final SeriesRegistry<String, StripedCounter> registry = registry(3, ticker);

    @Test
    void theSameLabelsLeadToTheSameSeries() {
        Lease<StripedCounter> one = registry.acquire("a");
        Lease<StripedCounter> other = registry.acquire("a");

        assertThat(one.series()).isSameAs(other.series());
        assertThat(registry.acquire("b").series()).isNotSameAs(one.series());
        assertThat(registry.size()).isEqualTo(2);
        assertThat(registry.series()).hasSize(2);
    }

    @Test
    void aSeriesThatCannotBeMadeTakesNoRoom() {
        AtomicInteger made = new AtomicInteger();
        SeriesRegistry<String, StripedCounter> one =
                new SeriesRegistry<>(new SeriesConfig(1, IDLE), ticker, OTHER, () -> {
                    if (made.getAndIncrement() == 0) {
                        throw new IllegalStateException("thrown by a test");
                    }
                    return new StripedCounter(1);
                });

        assertThatIllegalStateException().isThrownBy(() -> one.acquire("a"));

        assertThat(one.size()).isZero();
        one.acquire("a");
        assertThat(one.overflowed()).isZero();
    }

    @Test
    void aSeriesNobodyUsesGoesWhenItsTimeIsOver() {
        registry.acquire("a").close();
        sweep();
        ticker.advance(IDLE.minusNanos(1));
        sweep();
        assertThat(registry.size()).isEqualTo(1);

        ticker.advanceNanos(1);
        sweep();
        assertThat(registry.size()).isZero();
        assertThat(registry.series()).isEmpty();
    }

    @Test
    void aHeldSeriesStaysHoweverIdle() {
        Lease<StripedCounter> one = registry.acquire("a");
        registry.acquire("a").close();
        for (int i = 0; i < 5; i++) {
            ticker.advance(IDLE);
            sweep();
        }
        assertThat(registry.series()).containsExactly(one.series());

        one.close();
        sweep();
        ticker.advance(IDLE);
        sweep();
        assertThat(registry.size()).isZero();
    }

    @Test
    void recordingKeepsASeriesThatNobodyHolds() {
        Lease<StripedCounter> lease = registry.acquire("a");
        lease.close();
        sweep();
        ticker.advance(IDLE);
        lease.series().increment(0); // late, and tolerated as long as the series is there
        sweep();
        assertThat(registry.size()).isEqualTo(1);

        ticker.advance(IDLE);
        sweep();
        assertThat(registry.size()).isZero();
    }

    @Test
    void aMomentaryHolderKeepsASeries() {
        registry.acquire("a").close();
        sweep();
        ticker.advance(IDLE.minusNanos(1));
        registry.acquire("a").close();
        ticker.advanceNanos(1);
        sweep();
        assertThat(registry.size()).isEqualTo(1);
    }

    @Test
    void aSeriesThatComesAgainStartsAnew() {
        Lease<StripedCounter> first = registry.acquire("a");
        first.series().increment(0);
        first.close();
        sweep();
        ticker.advance(IDLE);
        sweep();

        Lease<StripedCounter> second = registry.acquire("a");
        assertThat(second.series()).isNotSameAs(first.series());
        assertThat(second.series().sum()).isZero();
        assertThat(registry.size()).isEqualTo(1);
    }

    @Test
    void aLeaseCountsOnceHoweverOftenItIsClosed() {
        Lease<StripedCounter> held = registry.acquire("a");
        Lease<StripedCounter> closed = registry.acquire("a");
        closed.close();
        closed.close();
        sweep();
        ticker.advance(IDLE);
        sweep();

        assertThat(registry.series()).containsExactly(held.series());
    }

    @Test
    void whatIsTooManySharesOneSeries() {
        registry.acquire("a");
        registry.acquire("b");
        registry.acquire("c").close();
        Lease<StripedCounter> fourth = registry.acquire("d");
        Lease<StripedCounter> fifth = registry.acquire("e");

        assertThat(fourth.series())
                .isSameAs(fifth.series())
                .isSameAs(registry.acquire(OTHER).series());
        assertThat(registry.size()).isEqualTo(3);
        assertThat(registry.overflowed()).isEqualTo(2);
        assertThat(registry.series()).hasSize(4);
        assertThat(registry.acquire("a").series()).isNotSameAs(fourth.series());
    }

    @Test
    void roomIsFreeAgainWhenASeriesHasGone() {
        registry.acquire("a");
        registry.acquire("b");
        registry.acquire("c").close();
        registry.acquire("d").close();
        sweep();
        ticker.advance(IDLE);
        sweep();
        assertThat(registry.size()).isEqualTo(2);
        assertThat(registry.series()).as("the overflow series has gone, too").hasSize(2);

        Lease<StripedCounter> fourth = registry.acquire("d");
        assertThat(registry.size()).isEqualTo(3);
        assertThat(registry.overflowed()).isEqualTo(1);
        assertThat(registry.acquire(OTHER).series()).isNotSameAs(fourth.series());
        assertThat(registry.size()).isEqualTo(3);
    }

    @Test
    void sweepsInSlices() {
        SeriesRegistry<String, StripedCounter> many = registry(1_000, ticker);
        for (int i = 0; i < 250; i++) {
            many.acquire("s" + i).close();
        }
        assertThat(many.sweep(100)).isFalse();
        assertThat(many.sweep(100)).isFalse();
        assertThat(many.sweep(100)).isTrue();
        ticker.advance(IDLE);

        assertThat(many.sweep(100)).isFalse();
        assertThat(many.size()).isEqualTo(150);
        assertThat(many.sweep(100)).isFalse();
        assertThat(many.size()).isEqualTo(50);
        assertThat(many.sweep(100)).isTrue();
        assertThat(many.size()).isZero();
        assertThat(many.sweep(100)).isTrue();
    }

    @Test
    void whoAcquiresASeriesThatIsOnItsWayOutGetsANewOne() {
        Lease<StripedCounter> old = registry.acquire("a");
        old.close();
        Holding<StripedCounter> holding = registry.holdings().get("a");
        assertThat(holding.retireIfQuiet(0, 1)).isFalse();
        assertThat(holding.retireIfQuiet(1, 1)).isTrue();

        Lease<StripedCounter> fresh = registry.acquire("a");
        assertThat(fresh.series()).isNotSameAs(old.series());
        assertThat(registry.series()).containsExactly(fresh.series());
        assertThat(registry.size()).isEqualTo(1);
    }

    @Test
    void aSliceHasASeriesAtLeast() {
        assertThat(registry.sweep(1)).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.sweep(0))
                .withMessage("limit: 0 (expected: >= 1)");
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whoeverHoldsASeriesHoldsALiveOneHoweverMuchIsSwept() {
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE);
        SeriesRegistry<String, StripedCounter> hectic = registry(2, () -> clock.addAndGet(IDLE.toNanos()));
        AtomicInteger dead = new AtomicInteger();
        CompletableFuture<?>[] loops = new CompletableFuture<?>[2];
        for (int i = 0; i < loops.length; i++) {
            int loop = i;
            loops[i] = CompletableFuture.runAsync(() -> {
                for (int n = 0; n < 100_000; n++) {
                    try (Lease<StripedCounter> lease = hectic.acquire("ab".substring(n & 1, (n & 1) + 1))) {
                        lease.series().increment(loop);
                        boolean live = false;
                        for (StripedCounter series : hectic.series()) {
                            live |= series == lease.series();
                        }
                        if (!live || lease.series().sum() < 1) {
                            dead.incrementAndGet();
                        }
                    }
                }
            });
        }

        CompletableFuture<Void> all = CompletableFuture.allOf(loops);
        int removals = 0;
        while (!all.isDone()) {
            int before = hectic.size();
            hectic.sweep(10);
            removals += hectic.size() < before ? 1 : 0;
            assertThat(hectic.size()).isBetween(0, 2);
        }
        all.join();
        for (int i = 0; i < 3; i++) {
            hectic.sweep(10);
        }

        assertThat(dead).as("series recorded in that were not live").hasValue(0);
        assertThat(hectic.size()).isZero();
        assertThat(hectic.series()).isEmpty();
        assertThat(hectic.overflowed()).isZero();
        assertThat(removals).isPositive();
    }

    private void sweep() {
        assertThat(registry.sweep(100)).isTrue();
    }

    private static SeriesRegistry<String, StripedCounter> registry(int maxSeries, Ticker ticker) {
        return new SeriesRegistry<>(new SeriesConfig(maxSeries, IDLE), ticker, OTHER, () -> new StripedCounter(2));
    }
}
