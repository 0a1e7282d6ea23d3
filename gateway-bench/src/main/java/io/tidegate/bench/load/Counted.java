package io.tidegate.bench.load;

import java.util.Map;
import java.util.stream.Collectors;

/** Counters with names, for people. */
final class Counted {

    private Counted() {}

    /** The sum of the counters. */
    static long sum(Map<String, Long> counters) {
        return counters.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Names and counters, such as {@code HTTP 503 × 12, timeout × 3}; {@code none} when there are none. */
    static String words(Map<String, Long> counters) {
        return counters.isEmpty()
                ? "none"
                : counters.entrySet().stream()
                        .map(counter -> counter.getKey() + " × " + counter.getValue())
                        .collect(Collectors.joining(", "));
    }
}
