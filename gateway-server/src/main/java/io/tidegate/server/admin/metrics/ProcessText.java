package io.tidegate.server.admin.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What is said of the JVM and the process, in one format, up to 5 s old: to count threads that wait for each other holds all of
 * them up for a moment, and to read files and write 10 KB takes as long as all other metrics.
 *
 * <p><b>Threads:</b> one at a time, which may block.
 */
final class ProcessText {

    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PrometheusRegistry process;
    private final ExpositionFormatWriter format;
    private byte[] text = {};
    private long writtenNanos;

    ProcessText(PrometheusRegistry process, ExpositionFormatWriter format) {
        this.process = process;
        this.format = format;
    }

    /** The text, without what ends a document in this format; not to be changed. */
    byte[] get() throws IOException {
        long now = System.nanoTime();
        if (text.length == 0 || now - writtenNanos > MOST_NANOS) {
            byte[] document = write(process.scrape());
            int end = write(new MetricSnapshots()).length;
            text = Arrays.copyOf(document, document.length - end);
            writtenNanos = now;
        }
        return text;
    }

    private byte[] write(MetricSnapshots metrics) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        format.write(out, metrics);
        return out.toByteArray();
    }
}
