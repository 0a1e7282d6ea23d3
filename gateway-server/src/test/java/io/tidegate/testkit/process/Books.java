package io.tidegate.testkit.process;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A gateway's account of client messages, of one route or of all: whatever was accepted is somewhere in it. */
public record Books(
        long accepted,
        long delivered,
        long queued,
        long unconfirmed,
        long expired,
        long duplicate,
        Map<String, Long> dropped) {

    static Books of(JsonNode json) {
        Map<String, Long> dropped = new TreeMap<>();
        json.required("dropped")
                .properties()
                .forEach(
                        reason -> dropped.put(reason.getKey(), reason.getValue().asLong()));
        return new Books(
                json.required("accepted").asLong(),
                json.required("delivered").asLong(),
                json.required("queued").asLong(),
                json.required("unconfirmed").asLong(),
                json.required("expired").asLong(),
                json.required("duplicate").asLong(),
                dropped);
    }

    /** Dropped for whatever reason. */
    public long droppedInAll() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Dropped for this reason. */
    public long dropped(String reason) {
        return dropped.getOrDefault(reason, 0L);
    }

    /** Accepted and not accounted for; 0 if all is well, negative if something is in the books twice. */
    public long unaccounted() {
        return accepted - delivered - queued - unconfirmed - expired - duplicate - droppedInAll();
    }

    /** Whether nothing is under way. */
    public boolean settled() {
        return queued == 0 && unconfirmed == 0;
    }

    Books plus(Books other) {
        Map<String, Long> both = new TreeMap<>(dropped);
        other.dropped.forEach((reason, count) -> both.merge(reason, count, Long::sum));
        return new Books(
                accepted + other.accepted,
                delivered + other.delivered,
                queued + other.queued,
                unconfirmed + other.unconfirmed,
                expired + other.expired,
                duplicate + other.duplicate,
                both);
    }
}
