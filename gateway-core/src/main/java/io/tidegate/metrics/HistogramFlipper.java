package io.tidegate.metrics;

import io.tidegate.time.Ticker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one owner of a set of histograms: it alone ends their intervals, all at once, and every reader shares those.
 *
 * <p><b>Threads:</b> {@link #flip} by any thread that is not an event loop, one at a time: it may sleep for a moment
 * while a loop ends a record call. {@link #add} by any. <b>Memory:</b> one spare recording for each range.
 */
public final class HistogramFlipper {

    private final Ticker ticker;
    private final List<Iterable<StripedHistogram>> histograms = new CopyOnWriteArrayList<>();
    private final Map<HistogramRange, Recording> spares = new HashMap<>();
    private final AtomicBoolean flipping = new AtomicBoolean();
    private long lastFlip;

    /** @param ticker says when intervals begin and end; the first begins now */
    public HistogramFlipper(Ticker ticker) {
        this.ticker = ticker;
        this.lastFlip = ticker.nanos();
    }

    /**
     * Takes histograms over, for good.
     *
     * @param more asked at each flip, so that histograms may come and go
     */
    public void add(Iterable<StripedHistogram> more) {
        histograms.add(more);
    }

    /**
     * Ends the interval of every histogram and publishes it. A histogram that came later than the last flip gets an
     * interval from that flip on, like all others.
     *
     * @throws IllegalStateException when another thread is at it, or a histogram has another owner
     */
    public void flip() {
        if (!flipping.compareAndSet(false, true)) {
            throw new IllegalStateException("flipped by two threads at once (expected: one owner)");
        }
        try {
            long now = ticker.nanos();
            for (Iterable<StripedHistogram> some : histograms) {
                for (StripedHistogram histogram : some) {
                    flip(histogram, now);
                }
            }
            lastFlip = now;
        } finally {
            flipping.set(false);
        }
    }

    private void flip(StripedHistogram histogram, long now) {
        HistogramRange range = histogram.range();
        Recording spare = spares.computeIfAbsent(range, Recording::new);
        spares.put(range, histogram.flip(this, spare, lastFlip, now));
    }
}
