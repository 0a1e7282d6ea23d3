package io.tidegate.server.admin.stats;

import io.tidegate.metrics.HistogramSnapshot;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.traffic.Timing;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JsonGenerator;

/**
 * How long things took on some routes, up to one moment or between two.
 *
 * <p>As JSON each of them is {@code {"count", "sum", "mean", "p50", "p90", "p99", "p99.9", "max"}}, in milliseconds, and all but
 * the count are 0 when that is.
 */
record Latencies(Map<Direction, HistogramSnapshot> relay, Map<Timing, HistogramSnapshot> times) {

    private static final double NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    static Latencies of(List<RouteTraffic> routes) {
        Map<Direction, HistogramSnapshot> relay = new EnumMap<>(Direction.class);
        for (Direction direction : Direction.values()) {
            relay.put(direction, RouteTraffic.relayTimes(routes, direction));
        }
        Map<Timing, HistogramSnapshot> times = new EnumMap<>(Timing.class);
        for (Timing timing : Timing.values()) {
            times.put(timing, RouteTraffic.times(routes, timing));
        }
        return new Latencies(relay, times);
    }

    /** What took its time since {@code earlier}. */
    Latencies minus(Latencies earlier) {
        Map<Direction, HistogramSnapshot> relayed = new EnumMap<>(relay);
        relayed.replaceAll((direction, all) -> all.minus(earlier.relay(direction)));
        Map<Timing, HistogramSnapshot> took = new EnumMap<>(times);
        took.replaceAll((timing, all) -> all.minus(earlier.of(timing)));
        return new Latencies(relayed, took);
    }

    HistogramSnapshot relay(Direction direction) {
        return Objects.requireNonNull(relay.get(direction));
    }

    HistogramSnapshot of(Timing timing) {
        return Objects.requireNonNull(times.get(timing));
    }

    /** Writes the property {@code latency}. */
    void write(JsonGenerator to) {
        to.writeObjectPropertyStart("latency");
        to.writeObjectPropertyStart("relay");
        relay.forEach((direction, times) -> write(to, direction.label(), times));
        to.writeEndObject();
        write(to, "request", of(Timing.REQUEST));
        write(to, "handshake", of(Timing.HANDSHAKE));
        write(to, "queueWait", of(Timing.QUEUE_WAIT));
        write(to, "reconnect", of(Timing.RECONNECT));
        to.writeObjectPropertyStart("pingRtt");
        write(to, "client", of(Timing.CLIENT_PING));
        write(to, "upstream", of(Timing.UPSTREAM_PING));
        to.writeEndObject();
        to.writeEndObject();
    }

    private static void write(JsonGenerator to, String name, HistogramSnapshot took) {
        to.writeObjectPropertyStart(name);
        to.writeNumberProperty("count", took.count());
        to.writeNumberProperty("sum", took.sum() / NANOS);
        to.writeNumberProperty("mean", took.mean() / NANOS);
        to.writeNumberProperty("p50", took.percentile(50) / NANOS);
        to.writeNumberProperty("p90", took.percentile(90) / NANOS);
        to.writeNumberProperty("p99", took.percentile(99) / NANOS);
        to.writeNumberProperty("p99.9", took.percentile(99.9) / NANOS);
        to.writeNumberProperty("max", took.max() / NANOS);
        to.writeEndObject();
    }
}
