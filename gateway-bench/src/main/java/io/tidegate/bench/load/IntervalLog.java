package io.tidegate.bench.load;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * The latencies of a run as an HdrHistogram interval log: nanoseconds, one interval a second of measurement, maxima in
 * milliseconds.
 */
final class IntervalLog implements Sample.Watcher, AutoCloseable {

    private static final double NANOS_PER_MILLI = 1_000_000;

    private final PrintStream file;
    private final HistogramLogWriter log;
    private boolean begun;
    private long startMillis;

    /**
     * Makes the file, replacing one that exists.
     *
     * @param path where
     * @throws FileNotFoundException when it can't be written
     */
    IntervalLog(Path path) throws FileNotFoundException {
        this.file = new PrintStream(new FileOutputStream(path.toFile()), false, StandardCharsets.UTF_8);
        this.log = new HistogramLogWriter(file);
        log.outputComment("[Latencies in nanoseconds, from due to echoed; maxima in milliseconds]");
        log.outputLogFormatVersion();
    }

    @Override
    public void accept(Sample sample) {
        Histogram interval = sample.latency();
        boolean measured = sample.phase() == Sample.Phase.MEASURE || interval.getTotalCount() > 0;
        if (!measured) {
            return;
        }
        if (!begun) {
            begun = true;
            startMillis = interval.getStartTimeStamp();
            log.outputStartTime(startMillis);
            log.outputBaseTime(startMillis);
            log.outputLegend();
        }
        log.outputIntervalHistogram(
                (interval.getStartTimeStamp() - startMillis) / 1e3,
                (interval.getEndTimeStamp() - startMillis) / 1e3,
                interval,
                NANOS_PER_MILLI);
        file.flush();
    }

    /** Whether something could not be written. */
    boolean failed() {
        return file.checkError();
    }

    @Override
    public void close() {
        file.close();
    }
}
