package io.tidegate.server.admin.stats;

import io.tidegate.server.admin.Subject;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON snapshot of the whole gateway, for {@code GET /api/stats}, and parts of it for {@code /api/events}. All counts are
 * since the start of the process, so that a reader who subtracts two snapshots knows what happened in between. {@code
 * docs/admin.md} has the fields.
 *
 * <p>The accounting of a route is the sum of its event loops' books, each of which balances by itself, so the sum does, too;
 * other numbers are read while the loops count on, and may be some messages apart.
 *
 * <p><b>Threads:</b> any that may block for a moment.
 */
public final class Stats {

    private static final JsonFactory JSON = new JsonFactory();

    private final Subject subject;
    private final Journal journal;
    private final Ticker ticker;
    private final Clock clock;
    private final long startNanos;
    private final Instant startedAt;
    /** Tells one process from the one that took its place. */
    private final String instance = UUID.randomUUID().toString();

    /**
     * @param subject whose snapshot
     * @param journal what happened to it
     */
    public Stats(Subject subject, Journal journal, Ticker ticker, Clock clock) {
        this.subject = subject;
        this.journal = journal;
        this.ticker = ticker;
        this.clock = clock;
        this.startNanos = ticker.nanos();
        this.startedAt = clock.instant();
    }

    /** The snapshot of now, in UTF-8. */
    public byte[] write() {
        return object(to -> {
            Map<RouteTraffic, TrafficJson> routes = new LinkedHashMap<>();
            subject.traffic().forEach(route -> routes.put(route, new TrafficJson(List.of(route))));
            TrafficJson all = TrafficJson.sum(List.copyOf(routes.values()));
            about(to);
            all.accounting(to);
            figures(to, all);
            all.closes(to);
            UpstreamJson.retry(to, subject.upstreams());
            Latencies.of(subject.traffic()).write(to);
            MemoryJson.memory(to);
            to.writeObjectPropertyStart("routes");
            routes.forEach((route, part) -> route(to, route, part));
            to.writeEndObject();
            UpstreamJson.upstreams(to, subject.upstreams());
            happened(to, journal.latest());
        });
    }

    /** What the snapshot of now says of one endpoint. */
    public byte[] write(Endpoint endpoint) {
        return object(to -> UpstreamJson.endpoint(to, endpoint));
    }

    /** Breakers, connections, and all that may change from one second to the next; with these entries of the journal. */
    byte[] state(List<Journal.Entry> happened) {
        return object(to -> {
            about(to);
            figures(to, new TrafficJson(subject.traffic()));
            UpstreamJson.upstreams(to, subject.upstreams());
            happened(to, happened);
        });
    }

    /** How fast it all was between two moments. */
    byte[] performance(Latencies between, double seconds) {
        return object(to -> {
            to.writeStringProperty("at", clock.instant().toString());
            to.writeNumberProperty("intervalSeconds", seconds);
            between.write(to);
            HeatJson.heat(to, between);
            UpstreamJson.retry(to, subject.upstreams());
            MemoryJson.memory(to);
        });
    }

    private void about(JsonGenerator to) {
        to.writeStringProperty("instance", instance);
        to.writeStringProperty("version", subject.version());
        to.writeStringProperty("transport", subject.transport());
        to.writeStringProperty("startedAt", startedAt.toString());
        to.writeStringProperty("at", clock.instant().toString());
        to.writeNumberProperty("uptimeSeconds", TimeUnit.NANOSECONDS.toSeconds(ticker.nanos() - startNanos));
        String reason = subject.unreadiness();
        to.writeBooleanProperty("ready", reason == null);
        writeNullable(to, "reason", reason);
        Drain drain = subject.drain();
        if (drain != null) {
            to.writeObjectPropertyStart("drain");
            to.writeNumberProperty("remaining", drain.remaining());
            to.writeNumberProperty("total", drain.total());
            DrainSummary summary = drain.result();
            writeNullable(to, "summary", summary == null ? null : summary.text());
            to.writeEndObject();
        } else {
            to.writeNullProperty("drain");
        }
    }

    private void figures(JsonGenerator to, TrafficJson all) {
        all.connections(to);
        all.messages(to);
        all.queue(to, subject.queues());
        all.dedup(to);
    }

    private static void route(JsonGenerator to, RouteTraffic route, TrafficJson part) {
        to.writeObjectPropertyStart(route.route());
        part.route(to);
        part.accounting(to);
        part.messages(to);
        part.queue(to, null);
        part.dedup(to);
        part.closes(to);
        Latencies.of(List.of(route)).write(to);
        to.writeEndObject();
    }

    private static void happened(JsonGenerator to, List<Journal.Entry> entries) {
        to.writeArrayPropertyStart("happened");
        for (Journal.Entry entry : entries) {
            to.writeStartObject();
            to.writeNumberProperty("seq", entry.seq());
            to.writeStringProperty("at", entry.at().toString());
            to.writeStringProperty("kind", entry.kind());
            to.writeStringProperty("severity", entry.severity().label());
            to.writeStringProperty("subject", entry.subject());
            to.writeStringProperty("text", entry.text());
            to.writeEndObject();
        }
        to.writeEndArray();
    }

    /** Writes a JSON object. */
    static byte[] object(Consumer<JsonGenerator> properties) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            properties.accept(to);
            to.writeEndObject();
        }
        return out.toByteArray();
    }

    static void writeNullable(JsonGenerator to, String name, @Nullable String value) {
        if (value == null) {
            to.writeNullProperty(name);
        } else {
            to.writeStringProperty(name, value);
        }
    }
}
