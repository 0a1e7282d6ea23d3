package io.tidegate.metrics;

/**
 * What a series had recorded at one moment. Immutable, so it can be kept, shared and subtracted.
 *
 * <p><b>Threads:</b> any.
 *
 * @param <V> the type itself
 */
public interface Snapshot<V extends Snapshot<V>> {

    /** What both recorded together: of two series, or of two intervals. */
    V plus(V other);

    /**
     * What was recorded since {@code earlier}: an interval of the caller's own, whoever else reads the series.
     *
     * @param earlier of the same series
     * @throws IllegalArgumentException when {@code earlier} has recorded more than this
     */
    V minus(V earlier);
}
