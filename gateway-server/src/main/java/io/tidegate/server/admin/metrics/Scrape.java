package io.tidegate.server.admin.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The values of one scrape, gathered by metric. */
final class Scrape {

    private static final String TOTAL = "_total";

    private record Point<V>(Labels labels, V value) {}

    private final Map<Metric, List<Point<Double>>> numbers = new EnumMap<>(Metric.class);
    private final Map<Metric, List<Point<io.tidegate.metrics.HistogramSnapshot>>> distributions =
            new EnumMap<>(Metric.class);

    /**
     * A number.
     *
     * @param value Prometheus has doubles only: exact up to 2<sup>53</sup>
     * @param labels the values of the metric's labels, in their order
     */
    void set(Metric metric, long value, String... labels) {
        numbers.computeIfAbsent(metric, m -> new ArrayList<>())
                .add(new Point<>(labels(metric, labels), (double) value));
    }

    /**
     * A distribution.
     *
     * @param labels the values of the metric's labels, in their order
     */
    void set(Metric metric, io.tidegate.metrics.HistogramSnapshot recorded, String... labels) {
        distributions
                .computeIfAbsent(metric, m -> new ArrayList<>())
                .add(new Point<>(labels(metric, labels), recorded));
    }

    private static Labels labels(Metric metric, String... values) {
        return Labels.of(metric.labels().toArray(String[]::new), values);
    }

    /** All metrics that have a value but for {@code without}, in the order in which they are defined. */
    List<MetricSnapshot> snapshotsWithout(Metric without) {
        return Arrays.stream(Metric.values())
                .filter(metric -> metric != without)
                .filter(metric -> numbers.containsKey(metric) || distributions.containsKey(metric))
                .map(this::snapshot)
                .toList();
    }

    MetricSnapshot snapshot(Metric metric) {
        return switch (metric.type()) {
            case GAUGE -> gauge(metric);
            case COUNTER -> counter(metric);
            case TIMES, SHORT_TIMES, SIZES -> histogram(metric);
        };
    }

    private GaugeSnapshot gauge(Metric metric) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(metric.key()).help(metric.help());
        points(metric)
                .forEach(point -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(point.labels)
                        .value(point.value)
                        .build()));
        return gauge.build();
    }

    private CounterSnapshot counter(Metric metric) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name(metric.key().substring(0, metric.key().length() - TOTAL.length()))
                .help(metric.help());
        points(metric)
                .forEach(point -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(point.labels)
                        .value(point.value)
                        .build()));
        return counter.build();
    }

    /** A counter by its whole name, of which nothing is said but that it is there. */
    UnknownSnapshot untyped(Metric metric) {
        UnknownSnapshot.Builder counter =
                UnknownSnapshot.builder().name(metric.key()).help(metric.help());
        points(metric)
                .forEach(point -> counter.dataPoint(UnknownDataPointSnapshot.builder()
                        .labels(point.labels)
                        .value(point.value)
                        .build()));
        return counter.build();
    }

    private HistogramSnapshot histogram(Metric metric) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(metric.key()).help(metric.help());
        double scale = metric.type().scale();
        double[] bounds = metric.type().bounds();
        double[] upTo = Arrays.copyOf(bounds, bounds.length + 1);
        upTo[bounds.length] = Double.POSITIVE_INFINITY;
        for (var point : distributions.getOrDefault(metric, List.of())) {
            histogram.dataPoint(HistogramDataPointSnapshot.builder()
                    .labels(point.labels)
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(upTo, counts(point.value, bounds, scale)))
                    .sum(point.value.sum() / scale)
                    .build());
        }
        return histogram.build();
    }

    /** How many values are in each bucket, the one above all bounds included. */
    private static long[] counts(io.tidegate.metrics.HistogramSnapshot recorded, double[] bounds, double scale) {
        long[] counts = new long[bounds.length + 1];
        long below = 0;
        for (int i = 0; i < bounds.length; i++) {
            long upTo = recorded.countUpTo(Math.round(bounds[i] * scale));
            counts[i] = upTo - below;
            below = upTo;
        }
        counts[bounds.length] = recorded.count() - below;
        return counts;
    }

    private List<Point<Double>> points(Metric metric) {
        return numbers.getOrDefault(metric, List.of());
    }
}
