package io.tidegate.server.upstream;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts by the values of an enum. <b>Threads:</b> any. */
final class Tally<E extends Enum<E>> {

    private final Map<E, LongAdder> counts;

    Tally(Class<E> type) {
        EnumMap<E, LongAdder> each = new EnumMap<>(type);
        for (E value : type.getEnumConstants()) {
            each.put(value, new LongAdder());
        }
        counts = Collections.unmodifiableMap(each);
    }

    void count(E value) {
        counter(value).increment();
    }

    long of(E value) {
        return counter(value).sum();
    }

    private LongAdder counter(E value) {
        LongAdder counter = counts.get(value);
        if (counter == null) {
            throw new IllegalArgumentException("value: " + value + " (expected: one of " + counts.keySet() + ')');
        }
        return counter;
    }
}
