package io.tidegate.server.admin;

import io.tidegate.breaker.BreakerSnapshot;
import io.tidegate.breaker.BreakerState;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.Departure;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.RetryResult;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON snapshot of the whole gateway, for {@code GET /api/stats}. All counts are since the start of the process.
 *
 * <pre>
 * uptimeSeconds              since the start
 * accounting                 the sum over all routes
 *   accepted                 messages of clients that the gateway took; the sum of all that follow
 *   delivered                as the route promises: written, confirmed by a Pong, or answered
 *   queued                   wait for an upstream leg
 *   unconfirmed              were written, and would be again should their leg be lost
 *   expired                  waited for longer than the queue's ttl
 *   duplicate                were known already
 *   dropped                  all others, by reason: overflow, budget, cancelled, …; reasons that never occurred are left out
 * routes.LABEL               what came to no route is under "none"
 *   connections              sessions under way
 *   handshakes               opening handshakes by how they ended
 *   accounting               as above
 *   states                   how often sessions entered each state
 *   reconnects               searches for another upstream leg by how they ended
 *   messages, messageBytes   passed on, by direction; a replayed message counts once
 * upstreams.NAME
 *   waiting                  sessions that wait for another leg
 *   retries                  dials after a failed one, before a client's 101, by how they ended
 *   endpoints.LABEL
 *     breaker                closed, half_open or open
 *     forced                 whether an operator holds it there
 *     transitions            how often it went to each of these
 *     nextProbeMillis        until an open breaker lets the next dial in; 0 when it may be tried
 *     connections            legs under way, dials included
 *     dials                  that were made
 *     healthy                whether its health checks pass; true without any
 *     draining               whether an operator took it out
 *     vanished               whether DNS has it no more
 * </pre>
 *
 * <p>The accounting of a route is the sum of its event loops' books, each of which balances by itself, so the sum does, too;
 * other numbers are read while the loops count on, and may be some messages apart.
 */
final class Stats {

    private final JsonFactory json = new JsonFactory();
    private final List<RouteTraffic> traffic;
    private final List<Upstream> upstreams;
    private final Ticker ticker;
    private final long startNanos;

    Stats(List<RouteTraffic> traffic, List<Upstream> upstreams, Ticker ticker) {
        this.traffic = traffic;
        this.upstreams = upstreams;
        this.ticker = ticker;
        this.startNanos = ticker.nanos();
    }

    /** The snapshot of now, in UTF-8. */
    byte[] write() {
        Map<RouteTraffic, Accounting> books = new LinkedHashMap<>();
        traffic.forEach(route -> books.put(route, route.accounting()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator to = json.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            to.writeNumberProperty("uptimeSeconds", TimeUnit.NANOSECONDS.toSeconds(ticker.nanos() - startNanos));
            write(to, books.values().stream().reduce(Accounting.NOTHING, Accounting::plus));
            to.writeObjectPropertyStart("routes");
            books.forEach((route, accounting) -> write(to, route, accounting));
            to.writeEndObject();
            to.writeObjectPropertyStart("upstreams");
            upstreams.forEach(upstream -> write(to, upstream));
            to.writeEndObject();
            to.writeEndObject();
        }
        return out.toByteArray();
    }

    /** What the snapshot of now says of one endpoint. */
    byte[] write(Endpoint endpoint) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator to = json.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            writeInside(to, endpoint);
            to.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator to, Accounting books) {
        to.writeObjectPropertyStart("accounting");
        to.writeNumberProperty("accepted", books.accepted());
        to.writeNumberProperty("delivered", books.delivered());
        to.writeNumberProperty("queued", books.queued());
        to.writeNumberProperty("unconfirmed", books.unconfirmed());
        to.writeNumberProperty("expired", books.expired());
        to.writeNumberProperty("duplicate", books.duplicate());
        to.writeObjectPropertyStart("dropped");
        for (Map.Entry<Departure, Long> drops : books.dropped().entrySet()) {
            to.writeNumberProperty(drops.getKey().label(), drops.getValue());
        }
        to.writeEndObject();
        to.writeEndObject();
    }

    private static void write(JsonGenerator to, RouteTraffic route, Accounting books) {
        to.writeObjectPropertyStart(route.route());
        to.writeNumberProperty("connections", route.active());
        write(to, "handshakes", route.results());
        write(to, books);
        write(to, "states", route.states());
        write(to, "reconnects", route.reconnects());
        to.writeObjectPropertyStart("messages");
        for (Direction direction : Direction.values()) {
            to.writeNumberProperty(direction.label(), route.messages(direction));
        }
        to.writeEndObject();
        to.writeObjectPropertyStart("messageBytes");
        for (Direction direction : Direction.values()) {
            to.writeNumberProperty(direction.label(), route.bytes(direction));
        }
        to.writeEndObject();
        to.writeEndObject();
    }

    private static void write(JsonGenerator to, Upstream upstream) {
        to.writeObjectPropertyStart(upstream.name());
        to.writeNumberProperty("waiting", upstream.waiting());
        to.writeObjectPropertyStart("retries");
        for (RetryResult result : RetryResult.values()) {
            to.writeNumberProperty(result.label(), upstream.retries(result));
        }
        to.writeEndObject();
        to.writeObjectPropertyStart("endpoints");
        for (Endpoint endpoint : upstream.endpoints()) {
            to.writeObjectPropertyStart(endpoint.toString());
            writeInside(to, endpoint);
            to.writeEndObject();
        }
        to.writeEndObject();
        to.writeEndObject();
    }

    private static void writeInside(JsonGenerator to, Endpoint endpoint) {
        BreakerSnapshot breaker = endpoint.breakerSnapshot();
        to.writeStringProperty("breaker", UpstreamMetrics.label(breaker.state()));
        to.writeBooleanProperty("forced", breaker.forced());
        to.writeObjectPropertyStart("transitions");
        for (BreakerState state : BreakerState.values()) {
            to.writeNumberProperty(UpstreamMetrics.label(state), endpoint.transitionsTo(state));
        }
        to.writeEndObject();
        to.writeNumberProperty("nextProbeMillis", breaker.untilProbe().toMillis());
        to.writeNumberProperty("connections", endpoint.connections());
        to.writeNumberProperty("dials", endpoint.dials());
        to.writeBooleanProperty("healthy", !endpoint.isFailing());
        to.writeBooleanProperty("draining", endpoint.isDrained());
        to.writeBooleanProperty("vanished", endpoint.isVanished());
    }

    private static void write(JsonGenerator to, String name, Map<String, Long> counts) {
        to.writeObjectPropertyStart(name);
        counts.forEach(to::writeNumberProperty);
        to.writeEndObject();
    }
}
