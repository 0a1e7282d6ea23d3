package io.tidegate.bench.fault.judge;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The gateway's own books, of a route or in all.
 *
 * @param accepted messages taken
 * @param kept what became of them by name: delivered, queued, unconfirmed, expired, duplicate, {@code dropped.REASON}
 */
public record Accounting(long accepted, Map<String, Long> kept) {

    private static final String[] NAMES = {"delivered", "queued", "unconfirmed", "expired", "duplicate"};

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException when something is missing
     */
    public static Accounting of(JsonNode json) {
        Map<String, Long> kept = new TreeMap<>();
        for (String name : NAMES) {
            kept.put(name, number(json, name));
        }
        json.path("dropped")
                .properties()
                .forEach(reason ->
                        kept.put("dropped." + reason.getKey(), reason.getValue().asLong()));
        return new Accounting(number(json, "accepted"), kept);
    }

    /** Messages accepted and not accounted for; negative when more are accounted for than were accepted. */
    public long unaccounted() {
        return accepted - kept.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether nothing is under way. */
    public boolean settled() {
        return kept.getOrDefault("queued", 0L) + kept.getOrDefault("unconfirmed", 0L) == 0;
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("accounting." + name + ": " + value + " (expected: a number)");
        }
        return value.asLong();
    }
}
