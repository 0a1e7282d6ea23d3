package io.tidegate.server.admin;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.ByteBudget;
import io.tidegate.queue.Departure;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.traffic.Timing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What became of messages and sessions whose upstream was lost, as Prometheus metrics.
 *
 * <p>The books of a route are read once for all families, so that in each scrape {@code accepted} of {@code
 * tidegate_accounting_total} is the sum of its other values and {@code tidegate_queue_messages}. The two are families of their
 * own, as one only grows and the other doesn't. Routes without queues have only the former.
 */
final class ContinuityMetrics {

    private static final String ROUTE = "route";
    private static final double NANOS = 1e9;

    /** Upper bounds, in seconds. */
    private static final double[] BUCKETS = {
        0.0001,
        0.00025,
        0.0005,
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
        60,
        300,
        Double.POSITIVE_INFINITY
    };

    private final List<RouteTraffic> traffic;
    private final List<RouteTraffic> keeping;
    private final ByteBudget queues;

    ContinuityMetrics(List<RouteTraffic> traffic, ByteBudget queues) {
        this.traffic = List.copyOf(traffic);
        this.queues = queues;
        this.keeping = traffic.stream().filter(RouteTraffic::keepsBooks).toList();
    }

    List<MetricSnapshot> snapshots() {
        Map<RouteTraffic, Accounting> books = new LinkedHashMap<>();
        traffic.forEach(route -> books.put(route, route.accounting()));
        Function<RouteTraffic, Accounting> of = route -> books.getOrDefault(route, Accounting.NOTHING);
        return List.of(
                counter(
                        "tidegate_accounting",
                        "Messages of clients by what became of them: accepted is the sum of the others and of"
                                + " tidegate_queue_messages.",
                        "what",
                        traffic,
                        route -> outcomes(of.apply(route))),
                gauge(
                        "tidegate_queue_messages",
                        "Messages that queues hold: those that wait for an upstream leg, and the unconfirmed.",
                        route -> of.apply(route).queued() + of.apply(route).unconfirmed()),
                gauge(
                        "tidegate_queue_unconfirmed",
                        "Those of tidegate_queue_messages that were written, and would be again should their leg be lost.",
                        route -> of.apply(route).unconfirmed()),
                gauge(
                        "tidegate_queue_bytes",
                        "Bytes, as on the wire, of tidegate_queue_messages.",
                        RouteTraffic::heldBytes),
                GaugeSnapshot.builder()
                        .name("tidegate_buffered_bytes")
                        .help(
                                "Bytes that all queues together hold, or have set aside for what is about to come; queueBytes is"
                                        + " their limit.")
                        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                .value((double) queues.used())
                                .build())
                        .build(),
                counter(
                        "tidegate_queue_dropped",
                        "Messages that were accepted and not delivered, duplicates aside.",
                        "reason",
                        keeping,
                        route -> drops(of.apply(route))),
                counter(
                        "tidegate_dedup",
                        "Messages by what dedup found: first of their key, duplicate (dropped; also of a request under"
                                + " way), unkeyed or full (passed, not remembered), released (a first that was not"
                                + " delivered: its key is unknown again).",
                        "result",
                        keeping,
                        route -> dedup(route, of.apply(route))),
                counter(
                        "tidegate_reconnects",
                        "Searches for another upstream leg by how they ended: reconnected, refused by the upstream for"
                                + " good, gave-up after reconnectFor, abandoned as the session ended.",
                        "result",
                        keeping,
                        ContinuityMetrics::reconnects),
                seconds(
                        "tidegate_reconnect_seconds",
                        "Time from the loss of an upstream leg until there was another one; up to a second behind.",
                        Timing.RECONNECT),
                seconds(
                        "tidegate_request_seconds",
                        "Time from a request to its reply, on routes with requests; up to a second behind.",
                        Timing.REQUEST),
                seconds(
                        "tidegate_queue_wait_seconds",
                        "Time that delivered messages waited in queues before they were written; up to a second behind.",
                        Timing.QUEUE_WAIT),
                counter(
                        "tidegate_session_transitions",
                        "How often sessions entered a state.",
                        "to",
                        traffic,
                        ContinuityMetrics::states),
                replays());
    }

    private static Map<String, Long> outcomes(Accounting books) {
        return Map.of(
                "accepted", books.accepted(),
                "delivered", books.delivered(),
                "expired", books.expired(),
                "duplicate", books.duplicate(),
                "dropped", books.allDropped());
    }

    private static Map<String, Long> drops(Accounting books) {
        Map<String, Long> drops = new TreeMap<>();
        Departure.DROPS.forEach(reason -> drops.put(reason.label(), books.dropped(reason)));
        drops.put(Departure.EXPIRED.label(), books.expired());
        return drops;
    }

    private static Map<String, Long> dedup(RouteTraffic route, Accounting books) {
        Map<String, Long> results = route.dedup();
        List.of("first", "unkeyed", "full", "released").forEach(result -> results.putIfAbsent(result, 0L));
        results.put(Departure.DUPLICATE.label(), books.duplicate());
        return results;
    }

    private static Map<String, Long> reconnects(RouteTraffic route) {
        Map<String, Long> results = route.reconnects();
        List.of("reconnected", "refused", "gave-up", "abandoned").forEach(result -> results.putIfAbsent(result, 0L));
        return results;
    }

    private static Map<String, Long> states(RouteTraffic route) {
        Map<String, Long> states = route.states();
        for (SessionState state : SessionState.values()) {
            states.putIfAbsent(state.label(), 0L);
        }
        return states;
    }

    private CounterSnapshot replays() {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("tidegate_messages_replayed")
                .help("Messages that were written to an upstream leg again: the unconfirmed, and prologues.");
        keeping.forEach(route -> counter.dataPoint(point(Labels.of(ROUTE, route.route()), route.replays())));
        return counter.build();
    }

    private HistogramSnapshot seconds(String name, String help, Timing timing) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(help);
        for (RouteTraffic route : keeping) {
            io.tidegate.metrics.HistogramSnapshot times = route.times(timing).snapshot();
            long[] counts = new long[BUCKETS.length];
            long below = 0;
            for (int i = 0; i < BUCKETS.length; i++) {
                boolean last = i == BUCKETS.length - 1;
                long upTo = last ? times.count() : times.countUpTo((long) (BUCKETS[i] * NANOS));
                counts[i] = upTo - below;
                below = upTo;
            }
            histogram.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .labels(Labels.of(ROUTE, route.route()))
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(BUCKETS, counts))
                    .sum(times.sum() / NANOS)
                    .build());
        }
        return histogram.build();
    }

    private static CounterSnapshot counter(
            String name,
            String help,
            String label,
            List<RouteTraffic> routes,
            Function<RouteTraffic, Map<String, Long>> counts) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        for (RouteTraffic route : routes) {
            counts.apply(route)
                    .forEach((value, count) ->
                            counter.dataPoint(point(Labels.of(ROUTE, route.route(), label, value), count)));
        }
        return counter.build();
    }

    private GaugeSnapshot gauge(String name, String help, ToLongFunction<RouteTraffic> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (RouteTraffic route : keeping) {
            gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(ROUTE, route.route()))
                    .value((double) value.applyAsLong(route))
                    .build());
        }
        return gauge.build();
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value((double) value)
                .build();
    }
}
