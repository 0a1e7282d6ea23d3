package io.tidegate.metrics.series;

import io.tidegate.metrics.Series;
import io.tidegate.metrics.Snapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What all series of a metric had recorded at one moment. Immutable; two of them subtract, and so give a reader an
 * interval of its own. Values of different series may be some recordings apart.
 *
 * <p><b>Threads:</b> any.
 *
 * @param <L> the labels
 * @param <V> what a series has to show
 */
public final class SeriesSnapshot<L, V extends Snapshot<V>> {

    /** A value, and which of the series that had these labels, one after another, it is of. */
    private record Value<V extends Snapshot<V>>(long birth, V recorded) {

        Value<V> minus(@Nullable Value<V> earlier) {
            if (earlier == null || earlier.birth != birth) {
                return this;
            }
            return new Value<>(birth, recorded.minus(earlier.recorded));
        }
    }

    private final Map<L, Value<V>> values;

    private SeriesSnapshot(Map<L, Value<V>> values) {
        this.values = values;
    }

    /** Reads all series of {@code registry}. */
    public static <L, S extends Series<V>, V extends Snapshot<V>> SeriesSnapshot<L, V> of(
            SeriesRegistry<L, S> registry) {
        Map<L, Value<V>> values = new HashMap<>();
        registry.holdings()
                .forEach((labels, holding) -> values.put(
                        labels, new Value<>(holding.birth(), holding.series().snapshot())));
        return new SeriesSnapshot<>(values);
    }

    /** The values by their labels. */
    public Map<L, V> values() {
        Map<L, V> plain = new HashMap<>();
        values.forEach((labels, value) -> plain.put(labels, value.recorded()));
        return plain;
    }

    /** All values in one; empty when there is no series. */
    public Optional<V> total() {
        return values.values().stream().map(Value::recorded).reduce(Snapshot::plus);
    }

    /**
     * What was recorded since {@code earlier}. Series that have gone in between are not part of it; one that has gone and
     * come again counts from its new beginning.
     *
     * @param earlier of the same registry
     */
    public SeriesSnapshot<L, V> minus(SeriesSnapshot<L, V> earlier) {
        Map<L, Value<V>> since = new HashMap<>();
        values.forEach((labels, value) -> since.put(labels, value.minus(earlier.values.get(labels))));
        return new SeriesSnapshot<>(since);
    }
}
