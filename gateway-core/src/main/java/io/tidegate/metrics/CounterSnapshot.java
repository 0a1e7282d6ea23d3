package io.tidegate.metrics;

/**
 * What a counter had counted at one moment.
 *
 * @param count never negative
 */
public record CounterSnapshot(long count) implements Snapshot<CounterSnapshot> {

    /** Rejects what no counter can have counted. */
    public CounterSnapshot {
        if (count < 0) {
            throw new IllegalArgumentException("count: " + count + " (expected: >= 0)");
        }
    }

    @Override
    public CounterSnapshot plus(CounterSnapshot other) {
        return new CounterSnapshot(count + other.count);
    }

    @Override
    public CounterSnapshot minus(CounterSnapshot earlier) {
        if (earlier.count > count) {
            throw new IllegalArgumentException("earlier: " + earlier.count + " (expected: <= " + count + ')');
        }
        return new CounterSnapshot(count - earlier.count);
    }
}
