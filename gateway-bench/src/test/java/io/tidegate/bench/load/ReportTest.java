package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {

    @Test
    void jsonHasThePercentiles() {
        JsonNode json = JsonMapper.builder().build().readTree(JsonReport.of(report(Traffic.openLoop(500, 64))));

        JsonNode latency = json.get("latencyMicros");
        assertThat(latency.get("count").asLong()).isEqualTo(10_000);
        assertThat(latency.get("p50").asDouble()).isCloseTo(5_000, within(5.0));
        assertThat(latency.get("p90").asDouble()).isCloseTo(9_000, within(9.0));
        assertThat(latency.get("p99").asDouble()).isCloseTo(9_900, within(10.0));
        assertThat(latency.get("p99.9").asDouble()).isCloseTo(9_990, within(10.0));
        assertThat(latency.get("max").asDouble()).isCloseTo(10_000, within(10.0));
        assertThat(latency.get("mean").asDouble()).isCloseTo(5_000.5, within(5.0));
        assertThat(json.get("measuredPerSecond").asDouble()).isCloseTo(5_000, within(0.001));
        assertThat(json.get("mode").asString()).isEqualTo("open-loop");
        assertThat(json.get("coordinatedOmission").asBoolean()).isFalse();
        assertThat(json.get("ok").asBoolean()).isFalse();
        assertThat(json.get("messages").get("lost").asLong()).isEqualTo(3);
        assertThat(json.get("connections").get("failed").get("HTTP 503").asLong())
                .isEqualTo(2);
    }

    @Test
    void textSaysWhichModeItWas() {
        assertThat(text(report(Traffic.openLoop(500, 64))))
                .contains("constant rate (open loop), 500 messages/s", "no coordinated omission", "HTTP 503 × 2");
        assertThat(text(report(Traffic.closedLoop(4, 64))))
                .contains("throughput (closed loop), 4 in flight per connection", "suffers from coordinated omission");
    }

    @Test
    void thePlotShowsEveryValueOnce() {
        Histogram histogram = tenThousandMicros();
        List<String> rows = DistributionPlot.rows(histogram);

        assertThat(rows).hasSizeBetween(10, 25);
        long sum = rows.stream()
                .mapToLong(row -> Long.parseLong(
                        row.replaceAll("^.*?([\\d,]+) +[\\d.]+ %$", "$1").replace(",", "")))
                .sum();
        assertThat(sum).isEqualTo(10_000);
    }

    @Test
    void aPlotOfOneValueOrNoneIsFine() {
        Histogram histogram = Recorders.empty();
        assertThat(DistributionPlot.rows(histogram)).isEmpty();
        histogram.recordValue(0);
        assertThat(DistributionPlot.rows(histogram)).hasSize(1);
        histogram.recordValue(3_600_000_000_000L);
        assertThat(DistributionPlot.rows(histogram)).isNotEmpty();
    }

    @Test
    void timesHaveThreeDigits() {
        assertThat(Figures.time(0)).isEqualTo("0 ns");
        assertThat(Figures.time(1_234)).isEqualTo("1.23 µs");
        assertThat(Figures.time(99_960)).isEqualTo("100 µs");
        assertThat(Figures.time(999_600)).isEqualTo("1.00 ms");
        assertThat(Figures.time(12_345_000)).isEqualTo("12.3 ms");
        assertThat(Figures.time(61e9)).isEqualTo("61.0 s");
    }

    @Test
    void theIntervalLogIsReadBack(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("run.hlog");
        Histogram first = tenThousandMicros();
        Histogram second = Recorders.empty();
        second.recordValueWithCount(7_000_000, 5);
        try (IntervalLog log = new IntervalLog(file)) {
            log.accept(sample(Sample.Phase.WARM_UP, Recorders.empty(), 1_000_000, 1_001_000));
            log.accept(sample(Sample.Phase.MEASURE, first, 1_001_000, 1_002_000));
            log.accept(sample(Sample.Phase.MEASURE, second, 1_002_000, 1_003_000));
            log.accept(sample(Sample.Phase.LINGER, Recorders.empty(), 1_003_000, 1_003_010));
            assertThat(log.failed()).isFalse();
        }

        HistogramLogReader reader = new HistogramLogReader(file.toFile());
        EncodableHistogram one = reader.nextIntervalHistogram();
        EncodableHistogram two = reader.nextIntervalHistogram();
        assertThat(reader.nextIntervalHistogram()).isNull();
        assertThat(one).isEqualTo(first);
        assertThat(two).isEqualTo(second);
        assertThat(one.getStartTimeStamp()).isEqualTo(1_001_000);
        assertThat(two.getStartTimeStamp()).isEqualTo(1_002_000);
        assertThat(two.getEndTimeStamp()).isEqualTo(1_003_000);
        reader.close();
    }

    private static Sample sample(Sample.Phase phase, Histogram latency, long fromMillis, long toMillis) {
        latency.setStartTimeStamp(fromMillis);
        latency.setEndTimeStamp(toMillis);
        return new Sample(phase, Duration.ZERO, 1, 1, 1, new Messages(0, 0, 0, 0, 0, 0, 0, 0, 0), latency);
    }

    private static String text(LoadReport report) {
        StringWriter text = new StringWriter();
        new TextReport(new PrintWriter(text)).print(report);
        return text.toString();
    }

    private static LoadReport report(Traffic traffic) {
        return new LoadReport(
                new LoadConfig(
                        Target.of(URI.create("ws://a.example/")),
                        Opening.of(4),
                        traffic,
                        Phases.of(Duration.ofSeconds(2)),
                        1),
                new LoadReport.Connections(
                        2, 2, Map.of("HTTP 503", 2L), Map.of(), Duration.ofMillis(12), Recorders.empty()),
                new Messages(10_003, 10_000, 3, 0, 0, 0, 0, 0, 0),
                Duration.ofSeconds(2),
                tenThousandMicros(),
                Recorders.empty(),
                new LoadReport.Generator("epoll", 1, Duration.ofMillis(100)),
                false);
    }

    private static Histogram tenThousandMicros() {
        Histogram histogram = Recorders.empty();
        for (long micros = 1; micros <= 10_000; micros++) {
            histogram.recordValue(micros * 1_000);
        }
        return histogram;
    }
}
