package io.tidegate.metrics;

/**
 * Where one event loop records the values of one series.
 *
 * <p>This is HdrHistogram's {@code SingleWriterRecorder} with three differences. The sum of the values and the number of
 * those out of range are part of what is flipped, so that they belong to the same interval as the counts. The histogram that is
 * flipped in comes from the {@link HistogramFlipper}, which takes spares along to all series, instead of keeping one for each.
 * And whoever flips waits for the writer by a {@link WriterBarrier}, not by a phaser that the writer would have to pass twice for
 * each value.
 *
 * <p><b>Threads:</b> {@link #record} by one thread, the loop, wait-free, without allocation, a locked instruction or a fence; it
 * neither waits for a flip nor sees one. {@link #flip} by the flipper.
 */
public final class LoopHistogram {

    private volatile Recording active;

    LoopHistogram(Recording first) {
        this.active = first;
    }

    /** Records a value; only ever called by the one writer. Never throws. */
    public void record(long value) {
        record(value, 1);
    }

    /**
     * Records a value that occurred several times at once, such as the time that a batch of messages took; only ever
     * called by the one writer. Never throws.
     *
     * @param value recorded as the nearest value of the range, and counted as out of range, when it is
     * @param times how often it occurred; nothing is recorded when it isn't positive
     */
    public void record(long value, int times) {
        active.record(value, times);
    }

    /** How many values wait for the next flip. */
    long pending() {
        return active.values();
    }

    /**
     * Puts {@code empty} in place of what was recorded since the last flip.
     *
     * @return that, in which the writer may still be recording until it has passed a {@link WriterBarrier}
     */
    Recording flip(Recording empty) {
        Recording full = active;
        active = empty;
        return full;
    }
}
