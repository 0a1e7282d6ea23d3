package io.tidegate.server.admin.stats;

import io.tidegate.metrics.HistogramSnapshot;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.traffic.Timing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.jspecify.annotations.Nullable;

/**
 * The last {@value #KEPT} intervals of each histogram, and the one that isn't over yet, as HdrHistogram interval logs. What a
 * line is of says its tag: the route, and the direction if there is one.
 *
 * <p>Lines are kept as they are sent, compressed: some hundred bytes each, and none for an interval in which there was nothing.
 *
 * <p><b>Threads:</b> one at a time.
 */
public final class HistogramLogs {

    /** Ten minutes, with 5 seconds each. */
    private static final int KEPT = 120;

    private static final double NANOS_TO_MILLIS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final double BYTES = 1;
    private static final double MILLIS = 1_000;

    private final Clock clock;
    private final long startMillis;
    private final Map<String, Log> logs = new LinkedHashMap<>();
    private long intervalMillis;

    public HistogramLogs(List<RouteTraffic> traffic, Clock clock) {
        this.clock = clock;
        this.startMillis = clock.millis();
        this.intervalMillis = startMillis;
        for (RouteTraffic route : traffic) {
            if (route.isMeasured()) {
                for (Direction direction : Direction.values()) {
                    String tag = route.route() + '|' + direction.label();
                    add("relay", tag, NANOS_TO_MILLIS, route.relayTimes(direction));
                    add("message-size", tag, BYTES, route.sizes(direction));
                }
                add("ping-rtt", route.route() + "|client", NANOS_TO_MILLIS, route.times(Timing.CLIENT_PING));
                add("ping-rtt", route.route() + "|upstream", NANOS_TO_MILLIS, route.times(Timing.UPSTREAM_PING));
                for (Timing timing : List.of(Timing.HANDSHAKE, Timing.REQUEST, Timing.QUEUE_WAIT, Timing.RECONNECT)) {
                    add(timing.label(), route.route(), NANOS_TO_MILLIS, route.times(timing));
                }
            }
        }
    }

    private void add(String name, String tag, double scale, StripedHistogram histogram) {
        // What ends a tag in a log can't be part of it.
        String fit = tag.replaceAll("[\\s,]", "_");
        logs.computeIfAbsent(name, n -> new Log(scale)).series.add(new Series(fit, histogram));
    }

    /** What there are logs of. */
    public List<String> names() {
        return List.copyOf(logs.keySet());
    }

    /**
     * The log of that name.
     *
     * @param name one of {@link #names()}, or that of the metric with the same values, {@code tidegate_relay_seconds} say
     * @return {@code null} if there is none
     */
    public byte @Nullable [] write(String name) {
        String plain = name.replaceFirst("^tidegate_", "")
                .replaceFirst("_(seconds|bytes)$", "")
                .replace('_', '-');
        Log log = logs.get(plain);
        if (log == null) {
            return null;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HistogramLogWriter writer = new HistogramLogWriter(new PrintStream(out, true, StandardCharsets.UTF_8));
        writer.outputLogFormatVersion();
        writer.outputComment("[tidegate " + plain + ", in " + (log.scale == BYTES ? "bytes" : "nanoseconds") + ']');
        writer.outputStartTime(startMillis);
        writer.outputLegend();
        log.lines.forEach(out::writeBytes);
        out.writeBytes(log.underWay());
        return out.toByteArray();
    }

    /** Ends the interval of all of them. */
    void endInterval() {
        logs.values().forEach(Log::endInterval);
        intervalMillis = clock.millis();
    }

    private static final class Series {

        private final String tag;
        private final StripedHistogram histogram;
        private HistogramSnapshot sofar;

        Series(String tag, StripedHistogram histogram) {
            this.tag = tag;
            this.histogram = histogram;
            this.sofar = histogram.snapshot();
        }
    }

    private final class Log {

        private final double scale;
        private final List<Series> series = new ArrayList<>();
        /** One piece for each interval. */
        private final Deque<byte[]> lines = new ArrayDeque<>();

        Log(double scale) {
            this.scale = scale;
        }

        void endInterval() {
            lines.add(underWay());
            series.forEach(each -> each.sofar = each.histogram.snapshot());
            if (lines.size() > KEPT) {
                lines.remove();
            }
        }

        byte[] underWay() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(0);
            for (Series each : series) {
                HistogramSnapshot recorded = each.histogram.snapshot().minus(each.sofar);
                if (recorded.count() > 0) {
                    write(out, each.tag, recorded.toHistogram());
                }
            }
            return out.toByteArray();
        }

        private void write(ByteArrayOutputStream out, String tag, Histogram recorded) {
            recorded.setTag(tag);
            HistogramLogWriter writer = new HistogramLogWriter(new PrintStream(out, true, StandardCharsets.UTF_8));
            writer.outputIntervalHistogram(
                    (intervalMillis - startMillis) / MILLIS, (clock.millis() - startMillis) / MILLIS, recorded, scale);
        }
    }
}
