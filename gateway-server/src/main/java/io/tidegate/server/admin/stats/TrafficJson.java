package io.tidegate.server.admin.stats;

import io.tidegate.queue.Accounting;
import io.tidegate.queue.ByteBudget;
import io.tidegate.queue.Departure;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.traffic.RouteTraffic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What passed through some routes, summed up, as properties of a JSON object. The books are read once. */
final class TrafficJson {

    private final List<RouteTraffic> routes;
    private final Accounting books;

    TrafficJson(List<RouteTraffic> routes) {
        this.routes = routes;
        this.books = RouteTraffic.accounting(routes);
    }

    /** Takes what others have read. */
    private TrafficJson(List<RouteTraffic> routes, Accounting books) {
        this.routes = routes;
        this.books = books;
    }

    /** The same of all of these together. */
    static TrafficJson sum(List<TrafficJson> parts) {
        return new TrafficJson(
                parts.stream().flatMap(part -> part.routes.stream()).toList(),
                parts.stream().map(part -> part.books).reduce(Accounting.NOTHING, Accounting::plus));
    }

    void connections(JsonGenerator to) {
        Map<String, Long> handshakes = handshakes();
        long opened = handshakes.getOrDefault("opened", 0L);
        long total = handshakes.values().stream().mapToLong(count -> count).sum();
        Map<String, Long> searches = reconnects();
        long searched = searches.values().stream().mapToLong(count -> count).sum();
        long lost = states().getOrDefault(SessionState.RECONNECTING.label(), 0L);
        to.writeObjectPropertyStart("connections");
        to.writeNumberProperty("active", active());
        to.writeNumberProperty("total", total);
        to.writeNumberProperty("opened", opened);
        to.writeNumberProperty("failed", total - opened);
        to.writeNumberProperty("timeouts", handshakes.getOrDefault("timeout", 0L));
        to.writeNumberProperty("reconnections", searches.getOrDefault("reconnected", 0L));
        to.writeNumberProperty("reconnecting", Math.max(0, lost - searched));
        to.writeEndObject();
    }

    void messages(JsonGenerator to) {
        to.writeObjectPropertyStart("messages");
        for (Direction direction : Direction.values()) {
            to.writeNumberProperty(direction.label(), sum(route -> route.messages(direction)));
        }
        to.writeNumberProperty("queued", books.queued());
        to.writeNumberProperty("failed", books.allDropped());
        to.writeNumberProperty("expired", books.expired());
        to.writeNumberProperty("deduplicated", books.duplicate());
        to.writeNumberProperty("replayed", sum(RouteTraffic::replays));
        to.writeEndObject();
        to.writeObjectPropertyStart("messageBytes");
        for (Direction direction : Direction.values()) {
            to.writeNumberProperty(direction.label(), sum(route -> route.bytes(direction)));
        }
        to.writeEndObject();
    }

    /** @param budget that of all queues; {@code null} where only a route is told of */
    void queue(JsonGenerator to, @Nullable ByteBudget budget) {
        to.writeObjectPropertyStart("queue");
        to.writeNumberProperty("messages", books.queued() + books.unconfirmed());
        to.writeNumberProperty("unconfirmed", books.unconfirmed());
        to.writeNumberProperty("bytes", sum(RouteTraffic::heldBytes));
        to.writeNumberProperty("max", sum(RouteTraffic::mostHeld));
        to.writeNumberProperty("overflows", books.dropped(Departure.OVERFLOW) + books.dropped(Departure.BUDGET));
        if (budget != null) {
            to.writeNumberProperty("buffered", budget.used());
            to.writeNumberProperty("limitBytes", budget.limit());
        }
        to.writeEndObject();
    }

    void dedup(JsonGenerator to) {
        Map<String, Long> found = merged(RouteTraffic::dedup);
        to.writeObjectPropertyStart("dedup");
        to.writeNumberProperty("first", found.getOrDefault("first", 0L));
        to.writeNumberProperty("duplicate", books.duplicate());
        to.writeNumberProperty("unkeyed", found.getOrDefault("unkeyed", 0L));
        to.writeNumberProperty("full", found.getOrDefault("full", 0L));
        to.writeNumberProperty("released", found.getOrDefault("released", 0L));
        to.writeEndObject();
    }

    void closes(JsonGenerator to) {
        to.writeObjectPropertyStart("closes");
        for (Initiator initiator : Initiator.values()) {
            write(to, initiator.label(), merged(route -> route.closes(initiator)));
        }
        to.writeEndObject();
    }

    void accounting(JsonGenerator to) {
        to.writeObjectPropertyStart("accounting");
        accounts(to, books);
        to.writeEndObject();
    }

    /** Books, as properties. */
    static void accounts(JsonGenerator to, Accounting books) {
        to.writeNumberProperty("accepted", books.accepted());
        to.writeNumberProperty("delivered", books.delivered());
        to.writeNumberProperty("queued", books.queued());
        to.writeNumberProperty("unconfirmed", books.unconfirmed());
        to.writeNumberProperty("expired", books.expired());
        to.writeNumberProperty("duplicate", books.duplicate());
        to.writeObjectPropertyStart("dropped");
        books.dropped().forEach((why, count) -> to.writeNumberProperty(why.label(), count));
        to.writeEndObject();
    }

    /** What a single route has besides. */
    void route(JsonGenerator to) {
        to.writeNumberProperty("connections", active());
        write(to, "handshakes", handshakes());
        write(to, "states", states());
        write(to, "reconnects", reconnects());
    }

    private long active() {
        return sum(RouteTraffic::active);
    }

    private Map<String, Long> handshakes() {
        return merged(RouteTraffic::results);
    }

    private Map<String, Long> states() {
        return merged(RouteTraffic::states);
    }

    private Map<String, Long> reconnects() {
        return merged(RouteTraffic::reconnects);
    }

    private long sum(ToLongFunction<RouteTraffic> figure) {
        return routes.stream().mapToLong(figure).sum();
    }

    private Map<String, Long> merged(Function<RouteTraffic, Map<String, Long>> counts) {
        Map<String, Long> all = new TreeMap<>();
        routes.forEach(route -> counts.apply(route).forEach((label, count) -> all.merge(label, count, Long::sum)));
        return all;
    }

    private static void write(JsonGenerator to, String name, Map<String, Long> counts) {
        to.writeObjectPropertyStart(name);
        counts.forEach(to::writeNumberProperty);
        to.writeEndObject();
    }
}
