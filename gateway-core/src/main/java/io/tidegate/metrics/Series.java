package io.tidegate.metrics;

/**
 * One thing that is measured, such as the relay times of one route: the event loops record, each in a place of its own,
 * and any thread reads.
 *
 * @param <V> what it has to show
 */
public interface Series<V extends Snapshot<V>> {

    /** A number that grows with whatever is recorded, to tell a busy series from an idle one; it has no other meaning. */
    long activity();

    /** All that was recorded since the series began, as far as readers may know it yet. */
    V snapshot();
}
