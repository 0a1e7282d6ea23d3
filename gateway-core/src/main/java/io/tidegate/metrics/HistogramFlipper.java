package io.tidegate.metrics;

import io.tidegate.time.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one owner of a set of histograms: it alone ends their intervals, all at once, and every reader shares those.
 *
 * <p><b>Threads:</b> {@link #flip} by any thread that is not an event loop, one at a time: it waits for the writers. {@link
 * #add} by any. <b>Memory:</b> spare recordings for what is flipped behind one wait: the loops' of up to {@value #AT_ONCE}
 * histograms.
 */
public final class HistogramFlipper {

    private static final int AT_ONCE = 64;

    private final Ticker ticker;
    private final WriterBarrier writers;
    private final List<Iterable<StripedHistogram>> histograms = new CopyOnWriteArrayList<>();
    private final Map<HistogramRange, Deque<Recording>> spares = new HashMap<>();
    private final AtomicBoolean flipping = new AtomicBoolean();
    private long lastFlip;

    /** For histograms that only the flipping thread records in; see the other one. */
    public HistogramFlipper(Ticker ticker) {
        this(ticker, WriterBarrier.SAME_THREAD);
    }

    /**
     * Makes one.
     *
     * @param ticker says when intervals begin and end; the first begins now
     * @param writers waits for all that record in the histograms
     */
    public HistogramFlipper(Ticker ticker, WriterBarrier writers) {
        this.ticker = ticker;
        this.writers = writers;
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
     * @return false if a writer didn't come to rest in time: the intervals of some histograms go on then, and nothing is lost
     * @throws IllegalStateException when another thread is at it, or a histogram has another owner
     */
    public boolean flip() {
        if (!flipping.compareAndSet(false, true)) {
            throw new IllegalStateException("flipped by two threads at once (expected: one owner)");
        }
        long now = ticker.nanos();
        boolean allAtRest = true;
        List<StripedHistogram> begun = new ArrayList<>(AT_ONCE);
        try {
            for (Iterable<StripedHistogram> some : histograms) {
                for (StripedHistogram histogram : some) {
                    if (!allAtRest) {
                        return false;
                    }
                    histogram.begin(this);
                    begun.add(histogram);
                    if (begun.size() == AT_ONCE) {
                        allAtRest = end(begun, now);
                    }
                }
            }
        } finally {
            // Also when one of them can't be flipped: those before it are.
            try {
                allAtRest = allAtRest && end(begun, now);
            } finally {
                lastFlip = now;
                flipping.set(false);
            }
        }
        return allAtRest;
    }

    private boolean end(List<StripedHistogram> begun, long now) {
        boolean anyBegan = begun.stream().anyMatch(StripedHistogram::hasBegun);
        if (anyBegan && !writers.await()) {
            return false;
        }
        for (StripedHistogram histogram : begun) {
            histogram.end(this, lastFlip, now);
        }
        begun.clear();
        return true;
    }

    /** An empty recording. */
    Recording spare(HistogramRange range) {
        Recording spare = sparesOf(range).poll();
        return spare == null ? new Recording(range) : spare;
    }

    /** Gives one back, emptied. */
    void spare(HistogramRange range, Recording empty) {
        sparesOf(range).add(empty);
    }

    private Deque<Recording> sparesOf(HistogramRange range) {
        return spares.computeIfAbsent(range, r -> new ArrayDeque<>());
    }
}
