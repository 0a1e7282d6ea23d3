package io.tidegate.server.admin;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.RouteTraffic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Writes the traffic of all routes, and what there is to tell about their continuity and upstreams, as Prometheus metrics. */
final class RouteMetrics {

    private static final String ROUTE = "route";
    private static final String HANDSHAKES_HELP =
            "Opening handshakes by how they ended: opened, refused by the upstream,"
                    + " rejected by the gateway, failed, timeout, unavailable, abandoned by the client.";

    private final PrometheusTextFormatWriter prometheus = PrometheusTextFormatWriter.create();
    private final OpenMetricsTextFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final List<RouteTraffic> traffic;
    private final ContinuityMetrics continuity;
    private final UpstreamMetrics upstreams;

    RouteMetrics(List<RouteTraffic> traffic, ContinuityMetrics continuity, UpstreamMetrics upstreams) {
        this.traffic = traffic;
        this.continuity = continuity;
        this.upstreams = upstreams;
    }

    /** Whether a scraper that sends {@code accept} wants OpenMetrics rather than Prometheus text. */
    boolean prefersOpenMetrics(String accept) {
        return openMetrics.accepts(accept);
    }

    String contentType(boolean asOpenMetrics) {
        return asOpenMetrics ? openMetrics.getContentType() : prometheus.getContentType();
    }

    /**
     * Writes all metrics.
     *
     * <p>{@code tidegate_connections} (a gauge) and {@code tidegate_connections_total} (a counter) would be one family of
     * two types to OpenMetrics. So there the latter is of unknown type; in Prometheus text, which knows no families, it is
     * written apart and stays a counter.
     */
    byte[] write(boolean asOpenMetrics) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GaugeSnapshot connections = connections();
        CounterSnapshot messages = flows("tidegate_messages", "Messages passed on.", RouteTraffic::messages);
        CounterSnapshot bytes = flows(
                "tidegate_message_bytes",
                "Payload bytes of the data frames passed on, as on the wire.",
                RouteTraffic::bytes);
        List<MetricSnapshot> all = new ArrayList<>(List.of(connections, messages, bytes));
        all.addAll(continuity.snapshots());
        all.addAll(upstreams.snapshots());
        try {
            if (asOpenMetrics) {
                all.add(untypedHandshakes());
                openMetrics.write(out, new MetricSnapshots(all));
            } else {
                prometheus.write(out, new MetricSnapshots(all));
                prometheus.write(out, MetricSnapshots.of(handshakes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("in memory, where nothing can fail", e);
        }
        return out.toByteArray();
    }

    private GaugeSnapshot connections() {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder()
                .name("tidegate_connections")
                .help("Sessions under way: client connections that were upgraded and are not closed yet.");
        for (RouteTraffic route : traffic) {
            gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(ROUTE, route.route()))
                    .value((double) route.active())
                    .build());
        }
        return gauge.build();
    }

    private CounterSnapshot handshakes() {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder().name("tidegate_connections").help(HANDSHAKES_HELP);
        for (RouteTraffic route : traffic) {
            route.results().forEach((result, count) -> counter.dataPoint(point(labels(route, result), count)));
        }
        return counter.build();
    }

    private UnknownSnapshot untypedHandshakes() {
        UnknownSnapshot.Builder counter =
                UnknownSnapshot.builder().name("tidegate_connections_total").help(HANDSHAKES_HELP);
        for (RouteTraffic route : traffic) {
            route.results()
                    .forEach((result, count) -> counter.dataPoint(UnknownSnapshot.UnknownDataPointSnapshot.builder()
                            .labels(labels(route, result))
                            .value((double) count)
                            .build()));
        }
        return counter.build();
    }

    private CounterSnapshot flows(String name, String help, FlowCount count) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        for (RouteTraffic route : traffic) {
            for (Direction direction : Direction.values()) {
                Labels labels = Labels.of(ROUTE, route.route(), "direction", direction.label());
                counter.dataPoint(point(labels, count.of(route, direction)));
            }
        }
        return counter.build();
    }

    private static Labels labels(RouteTraffic route, String result) {
        return Labels.of(ROUTE, route.route(), "result", result);
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value((double) value)
                .build();
    }

    @FunctionalInterface
    private interface FlowCount {
        long of(RouteTraffic route, Direction direction);
    }
}
