package io.tidegate.server.admin.metrics;

import io.tidegate.queue.Accounting;
import io.tidegate.queue.Departure;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.traffic.Timing;
import java.util.List;
import java.util.Map;

/**
 * What passed through the routes, and what became of messages and sessions whose upstream was lost.
 *
 * <p>The books of a route are read once, so that in each scrape {@code accepted} of {@code tidegate_accounting_total} is the sum
 * of its other values and {@code tidegate_queue_messages}. The two are families of their own, as one only grows and the other
 * doesn't. Routes without queues have only the former.
 */
final class TrafficMetrics {

    private final List<RouteTraffic> traffic;

    TrafficMetrics(List<RouteTraffic> traffic) {
        this.traffic = List.copyOf(traffic);
    }

    void write(Scrape to) {
        for (RouteTraffic route : traffic) {
            Accounting books = route.accounting();
            connections(to, route);
            messages(to, route);
            accounting(to, route, books);
            withDefaults(route.states(), SessionState.labels())
                    .forEach((state, count) -> to.set(Metric.TRANSITIONS, count, route.route(), state));
            if (route.isMeasured()) {
                distributions(to, route);
            }
            if (route.keepsBooks()) {
                continuity(to, route, books);
            }
        }
        to.set(Metric.PING_RTT_SECONDS, RouteTraffic.times(traffic, Timing.CLIENT_PING), "client");
        to.set(Metric.PING_RTT_SECONDS, RouteTraffic.times(traffic, Timing.UPSTREAM_PING), "upstream");
    }

    private static void connections(Scrape to, RouteTraffic route) {
        to.set(Metric.CONNECTIONS, route.active(), route.route());
        route.results().forEach((result, count) -> to.set(Metric.CONNECTIONS_TOTAL, count, route.route(), result));
        for (Initiator initiator : Initiator.values()) {
            route.closes(initiator)
                    .forEach((code, count) -> to.set(Metric.CLOSES, count, route.route(), initiator.label(), code));
        }
    }

    private static void messages(Scrape to, RouteTraffic route) {
        for (Direction direction : Direction.values()) {
            to.set(Metric.MESSAGES, route.messages(direction), route.route(), direction.label());
            to.set(Metric.MESSAGE_BYTES, route.bytes(direction), route.route(), direction.label());
        }
    }

    private static void distributions(Scrape to, RouteTraffic route) {
        to.set(Metric.HANDSHAKE_SECONDS, route.times(Timing.HANDSHAKE).snapshot(), route.route());
        for (Direction direction : Direction.values()) {
            to.set(Metric.RELAY_SECONDS, route.relayTimes(direction).snapshot(), route.route(), direction.label());
            to.set(Metric.MESSAGE_SIZE, route.sizes(direction).snapshot(), route.route(), direction.label());
        }
    }

    private static void accounting(Scrape to, RouteTraffic route, Accounting books) {
        to.set(Metric.ACCOUNTING, books.accepted(), route.route(), "accepted");
        to.set(Metric.ACCOUNTING, books.delivered(), route.route(), "delivered");
        to.set(Metric.ACCOUNTING, books.expired(), route.route(), "expired");
        to.set(Metric.ACCOUNTING, books.duplicate(), route.route(), "duplicate");
        to.set(Metric.ACCOUNTING, books.allDropped(), route.route(), "dropped");
    }

    private static void continuity(Scrape to, RouteTraffic route, Accounting books) {
        String name = route.route();
        to.set(Metric.QUEUE_MESSAGES, books.queued() + books.unconfirmed(), name);
        to.set(Metric.QUEUE_UNCONFIRMED, books.unconfirmed(), name);
        to.set(Metric.QUEUE_BYTES, route.heldBytes(), name);
        Departure.DROPS.forEach(reason -> to.set(Metric.QUEUE_DROPPED, books.dropped(reason), name, reason.label()));
        to.set(Metric.QUEUE_DROPPED, books.expired(), name, Departure.EXPIRED.label());
        withDefaults(route.dedup(), List.of("first", "unkeyed", "full", "released"))
                .forEach((result, count) -> to.set(Metric.DEDUP, count, name, result));
        to.set(Metric.DEDUP, books.duplicate(), name, Departure.DUPLICATE.label());
        withDefaults(route.reconnects(), List.of("reconnected", "refused", "gave-up", "abandoned"))
                .forEach((result, count) -> to.set(Metric.RECONNECTS, count, name, result));
        to.set(Metric.REPLAYED, route.replays(), name);
        to.set(Metric.RECONNECT_SECONDS, route.times(Timing.RECONNECT).snapshot(), name);
        to.set(Metric.REQUEST_SECONDS, route.times(Timing.REQUEST).snapshot(), name);
        to.set(Metric.QUEUE_WAIT_SECONDS, route.times(Timing.QUEUE_WAIT).snapshot(), name);
    }

    /** A series is there before anything happened, so that the first time is seen as an increase. */
    private static Map<String, Long> withDefaults(Map<String, Long> counts, List<String> all) {
        all.forEach(label -> counts.putIfAbsent(label, 0L));
        return counts;
    }
}
