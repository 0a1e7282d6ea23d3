package io.tidegate.metrics.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.metrics.CounterSnapshot;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.HistogramSnapshot;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesSnapshotTest {

    private static final Duration IDLE = Duration.ofMinutes(1);

    private final ManualTicker ticker = new ManualTicker();
    private final SeriesConfig config = new SeriesConfig(10, IDLE);
    private final SeriesRegistry<String, StripedCounter> counters =
            new SeriesRegistry<>(config, ticker, "other", () -> new StripedCounter(1));

    @Test
    void showsAllSeriesAndTheirTotal() {
        assertThat(SeriesSnapshot.of(counters).total()).isEmpty();

        count("a", 2);
        count("b", 40);

        SeriesSnapshot<String, CounterSnapshot> snapshot = SeriesSnapshot.of(counters);
        assertThat(snapshot.values()).isEqualTo(Map.of("a", new CounterSnapshot(2), "b", new CounterSnapshot(40)));
        assertThat(snapshot.total()).contains(new CounterSnapshot(42));
    }

    @Test
    void stays() {
        count("a", 2);
        SeriesSnapshot<String, CounterSnapshot> snapshot = SeriesSnapshot.of(counters);
        count("a", 2);
        snapshot.values().clear();

        assertThat(snapshot.values()).isEqualTo(Map.of("a", new CounterSnapshot(2)));
    }

    @Test
    void subtractsSeriesBySeries() {
        count("a", 1);
        count("b", 2);
        SeriesSnapshot<String, CounterSnapshot> earlier = SeriesSnapshot.of(counters);
        count("b", 3);
        count("c", 4);

        assertThat(SeriesSnapshot.of(counters).minus(earlier).values())
                .isEqualTo(
                        Map.of("a", new CounterSnapshot(0), "b", new CounterSnapshot(3), "c", new CounterSnapshot(4)));
    }

    @Test
    void aSeriesThatCameAgainCountsFromItsNewBeginning() {
        count("a", 5);
        count("b", 5);
        SeriesSnapshot<String, CounterSnapshot> earlier = SeriesSnapshot.of(counters);
        counters.sweep(10);
        ticker.advance(IDLE);
        counters.sweep(10);
        count("a", 6);

        assertThat(SeriesSnapshot.of(counters).minus(earlier).values()).isEqualTo(Map.of("a", new CounterSnapshot(6)));
    }

    @Test
    void histogramsSubtractToo() {
        SeriesRegistry<String, StripedHistogram> histograms =
                new SeriesRegistry<>(config, ticker, "other", () -> new StripedHistogram(HistogramRange.LATENCY, 1));
        HistogramFlipper flipper = new HistogramFlipper(ticker);
        flipper.add(histograms.series());
        histograms.acquire("a").series().on(0).record(5_000);
        flipper.flip();
        SeriesSnapshot<String, HistogramSnapshot> earlier = SeriesSnapshot.of(histograms);
        histograms.acquire("a").series().on(0).record(70_000);
        histograms.acquire("b").series().on(0).record(80_000);
        flipper.flip();
        flipper.flip();

        SeriesSnapshot<String, HistogramSnapshot> since =
                SeriesSnapshot.of(histograms).minus(earlier);
        assertThat(since.values().get("a").sum()).isEqualTo(70_000);
        assertThat(since.values().get("b").sum()).isEqualTo(80_000);
        assertThat(since.total().orElseThrow().count()).isEqualTo(2);
    }

    private void count(String labels, int amount) {
        try (Lease<StripedCounter> lease = counters.acquire(labels)) {
            lease.series().add(0, amount);
        }
    }
}
