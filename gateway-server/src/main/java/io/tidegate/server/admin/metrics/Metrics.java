package io.tidegate.server.admin.metrics;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.tidegate.server.admin.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * All metrics, as text that Prometheus scrapes: the gateway's own, and those of the JVM and the process.
 *
 * <p><b>Threads:</b> one at a time, which may block: some of what is asked about the process is read from files.
 */
public final class Metrics {

    /** Room for the text of some routes, so that it need not be copied as it grows. */
    private static final int EXPECTED_BYTES = 1 << 16;

    private final OpenMetricsTextFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final PrometheusTextFormatWriter prometheus = PrometheusTextFormatWriter.create();
    private final ProcessText processInOpenMetrics;
    private final ProcessText processInPrometheus;
    private final Subject subject;
    private final TrafficMetrics traffic;
    private final UpstreamMetrics upstreams;

    /** @param subject whose metrics */
    public Metrics(Subject subject) {
        this.subject = subject;
        this.traffic = new TrafficMetrics(subject.traffic());
        this.upstreams = new UpstreamMetrics(subject.upstreams());
        PrometheusRegistry process = new PrometheusRegistry();
        JvmMetrics.builder().register(process);
        this.processInOpenMetrics = new ProcessText(process, openMetrics);
        this.processInPrometheus = new ProcessText(process, prometheus);
    }

    /** Whether a scraper that sends {@code accept} wants OpenMetrics rather than Prometheus text. */
    public boolean prefersOpenMetrics(String accept) {
        return openMetrics.accepts(accept);
    }

    /** The value of {@code Content-Type}. */
    public String contentType(boolean asOpenMetrics) {
        return asOpenMetrics ? openMetrics.getContentType() : prometheus.getContentType();
    }

    /**
     * Writes all metrics.
     *
     * <p>{@code tidegate_connections} (a gauge) and {@code tidegate_connections_total} (a counter) would be one family of
     * two types to OpenMetrics. So there the latter is of unknown type; in Prometheus text, which knows no families, it is
     * written apart and stays a counter.
     */
    public byte[] write(boolean asOpenMetrics) {
        Scrape scrape = new Scrape();
        own(scrape);
        traffic.write(scrape);
        upstreams.write(scrape);
        List<MetricSnapshot> all = new ArrayList<>(scrape.snapshotsWithout(Metric.CONNECTIONS_TOTAL));
        ByteArrayOutputStream out = new ByteArrayOutputStream(EXPECTED_BYTES);
        try {
            if (asOpenMetrics) {
                out.write(processInOpenMetrics.get());
                all.add(scrape.untyped(Metric.CONNECTIONS_TOTAL));
                openMetrics.write(out, new MetricSnapshots(all));
            } else {
                out.write(processInPrometheus.get());
                prometheus.write(out, new MetricSnapshots(all));
                prometheus.write(out, MetricSnapshots.of(scrape.snapshot(Metric.CONNECTIONS_TOTAL)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("in memory, where nothing can fail", e);
        }
        return out.toByteArray();
    }

    private void own(Scrape to) {
        to.set(Metric.READY, subject.unreadiness() == null ? 1 : 0);
        to.set(Metric.BUILD_INFO, 1, subject.version(), subject.transport());
        to.set(Metric.BUFFERED_BYTES, subject.queues().used());
        to.set(Metric.BUFFERED_BYTES_LIMIT, subject.queues().limit());
        to.set(
                Metric.DRAIN_REMAINING,
                subject.drain() == null ? 0 : subject.sessions().size());
    }
}
