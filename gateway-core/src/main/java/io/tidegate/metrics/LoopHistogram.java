package io.tidegate.metrics;

import org.HdrHistogram.WriterReaderPhaser;

/**
 * Where one event loop records the values of one series.
 *
 * <p>This is HdrHistogram's {@code SingleWriterRecorder} with two differences. The sum of the values and the number of
 * those out of range are part of what is flipped, so that they belong to the same interval as the counts. And the
 * histogram that is flipped in comes from the {@link HistogramFlipper}, which takes one spare along to all series,
 * instead of keeping one for each.
 *
 * <p><b>Threads:</b> {@link #record} by one thread, the loop, wait-free and without allocation; it neither waits for a
 * flip nor sees one. {@link #flip} by the flipper, which waits for a record call that has begun.
 */
public final class LoopHistogram {

    /** How long a flip sleeps before it looks again whether the loop has left the old recording. */
    private static final long FLIP_SLEEP_NANOS = 50_000;

    private final WriterReaderPhaser phaser = new WriterReaderPhaser();
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
        long entered = phaser.writerCriticalSectionEnter();
        try {
            active.record(value, times);
        } finally {
            phaser.writerCriticalSectionExit(entered);
        }
    }

    /** How many values wait for the next flip. */
    long pending() {
        return active.values();
    }

    /** Puts {@code empty} in place of what was recorded since the last flip, and returns that. */
    Recording flip(Recording empty) {
        phaser.readerLock();
        try {
            Recording full = active;
            active = empty;
            phaser.flipPhase(FLIP_SLEEP_NANOS);
            return full;
        } finally {
            phaser.readerUnlock();
        }
    }
}
