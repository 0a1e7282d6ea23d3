package io.tidegate.metrics.series;

import io.tidegate.metrics.Series;
import io.tidegate.time.Ticker;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The series of one metric, by their labels. A series comes into being when it is first acquired, and goes when nobody
 * has held it and nothing was recorded for {@link SeriesConfig#idleFor()}. One that comes again starts anew.
 *
 * <p>Their number is bounded: whoever acquires one too many gets the overflow series instead, so a metric never grows
 * with what strangers send.
 *
 * <p><b>Threads:</b> {@link #acquire} and readers: any. It looks up without a lock; only where a series comes or goes is a
 * part of the table locked for the time of one insertion or removal. {@link #sweep}: one at a time, not on an event
 * loop. A series acquired while it is being removed is a live one: the old one if the acquisition came first, else a new
 * one. <b>Memory:</b> about 120 bytes per series, besides labels and the series itself.
 *
 * @param <L> the labels; needs {@code equals} and {@code hashCode}, such as a record
 * @param <S> the kind of series
 */
public final class SeriesRegistry<L, S extends Series<?>> {

    private final int maxSeries;
    private final long idleNanos;
    private final Ticker ticker;
    private final L overflow;
    private final Supplier<S> maker;
    private final Map<L, Holding<S>> holdings = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong births = new AtomicLong();
    private final LongAdder overflowed = new LongAdder();
    private Iterator<Map.Entry<L, Holding<S>>> sweeping = Collections.emptyIterator();

    /**
     * @param config how many series, for how long
     * @param ticker tells the time of sweeps
     * @param overflow the labels of the series that takes what comes beyond the limit; doesn't count towards it
     * @param maker makes a series
     */
    public SeriesRegistry(SeriesConfig config, Ticker ticker, L overflow, Supplier<S> maker) {
        this.maxSeries = config.maxSeries();
        this.idleNanos = config.idleFor().toNanos();
        this.ticker = ticker;
        this.overflow = overflow;
        this.maker = maker;
    }

    /** The series with these labels, held until the lease is closed; or the overflow series when there are too many. */
    public Lease<S> acquire(L labels) {
        while (true) {
            Holding<S> holding = holdings.get(labels);
            if (holding == null) {
                holding = holdings.computeIfAbsent(labels, this::make);
            }
            if (holding == null) {
                overflowed.increment();
                return acquire(overflow);
            }
            if (holding.hold()) {
                return new Lease<>(holding);
            }
            remove(labels, holding);
        }
    }

    /** How many series there are, the overflow series aside. */
    public int size() {
        return size.get();
    }

    /** How often the overflow series was acquired in place of another. */
    public long overflowed() {
        return overflowed.sum();
    }

    /** The series that there are; those that come or go meanwhile may be among them or not. */
    public Iterable<S> series() {
        return () -> holdings.values().stream().map(Holding::series).iterator();
    }

    /**
     * Looks for series to remove, in slices, so that a sweep over many takes no more time at once than its caller means to
     * give. A slice begins where the one before ended.
     *
     * @param limit how many series to look at; 1,000 take less than 1 ms
     * @return whether all series have been looked at, so that the next call starts over
     */
    public boolean sweep(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: >= 1)");
        }
        if (!sweeping.hasNext()) {
            sweeping = holdings.entrySet().iterator();
        }
        long now = ticker.nanos();
        for (int i = 0; i < limit && sweeping.hasNext(); i++) {
            Map.Entry<L, Holding<S>> next = sweeping.next();
            if (next.getValue().retireIfQuiet(now, idleNanos)) {
                remove(next.getKey(), next.getValue());
            }
        }
        return !sweeping.hasNext();
    }

    Map<L, Holding<S>> holdings() {
        return holdings;
    }

    /** Makes a series, or none when there is no room; called for one thread at a time per labels. */
    private @Nullable Holding<S> make(L labels) {
        if (countsTowardsLimit(labels)) {
            int taken = size.getAndUpdate(n -> Math.min(n + 1, maxSeries));
            if (taken == maxSeries) {
                return null;
            }
        }
        boolean made = false;
        try {
            Holding<S> holding = new Holding<>(maker.get(), births.incrementAndGet());
            made = true;
            return holding;
        } finally {
            if (!made && countsTowardsLimit(labels)) {
                size.decrementAndGet();
            }
        }
    }

    /** Takes a retired series out, unless somebody else has done so. */
    private void remove(L labels, Holding<S> retired) {
        holdings.computeIfPresent(labels, (same, holding) -> {
            if (holding != retired) {
                return holding;
            }
            if (countsTowardsLimit(labels)) {
                size.decrementAndGet();
            }
            return null;
        });
    }

    private boolean countsTowardsLimit(L labels) {
        return !labels.equals(overflow);
    }
}
