package io.tidegate.server.traffic;

import io.tidegate.dedup.DedupKey;
import io.tidegate.dedup.DedupListener;
import io.tidegate.metrics.LoopCounter;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.queue.Departure;
import io.tidegate.queue.Ledger;
import io.tidegate.queue.QueueListener;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One route's traffic on one event loop.
 *
 * <p><b>Threads:</b> written by that loop alone, read by any (see {@link LoopCounter}); results are few, and each counter
 * is made when first needed, under a lock that only its making takes.
 */
public final class LoopTraffic {

    /** One direction's counters. */
    public static final class Flow {
        private final LoopCounter messages = new LoopCounter();
        private final LoopCounter bytes = new LoopCounter();

        /** Counts whole messages and the payload bytes that went on with them. */
        public void passed(int messageCount, long payloadBytes) {
            messages.add(messageCount);
            bytes.add(payloadBytes);
        }
    }

    private final Flow toUpstream = new Flow();
    private final Flow toClient = new Flow();
    private final LoopCounter ended = new LoopCounter();
    private final LoopCounter opened = new LoopCounter();
    private final Map<String, LoopCounter> failed = new TreeMap<>();
    private final Map<String, LoopCounter> states = new TreeMap<>();
    private final Map<String, LoopCounter> reconnects = new TreeMap<>();
    private final Ledger ledger = new Ledger();
    private final Waits waits = new Waits();
    private final Keys keys = new Keys();
    private final LoopCounter replayed = new LoopCounter();
    private final Function<Timing, LoopHistogram> histograms;
    private final Map<Timing, LoopHistogram> times = new EnumMap<>(Timing.class);

    /** @param histograms where this loop records times; asked when there is the first one */
    LoopTraffic(Function<Timing, LoopHistogram> histograms) {
        this.histograms = histograms;
    }

    public Flow flow(Direction direction) {
        return direction == Direction.TO_UPSTREAM ? toUpstream : toClient;
    }

    /** A session began. */
    public void opened() {
        opened.increment();
    }

    /** A session that began is over. */
    public void ended() {
        ended.increment();
    }

    /** A handshake came to nothing. */
    public void failed(String result) {
        increment(failed, result);
    }

    /** A session entered a state. */
    public void entered(String state) {
        increment(states, state);
    }

    /** A search for another upstream leg ended. */
    public void reconnectEnded(String result) {
        increment(reconnects, result);
    }

    /** Something took so long. */
    public void took(Timing timing, long nanos) {
        LoopHistogram histogram = times.get(timing);
        if (histogram == null) {
            histogram = histograms.apply(timing);
            times.put(timing, histogram);
        }
        histogram.record(nanos);
    }

    /** A message was written again, to another upstream leg. */
    public void replayed() {
        replayed.increment();
    }

    /** Hears of the route's queues on this loop. */
    public QueueListener queue() {
        return waits;
    }

    /** Hears of the route's duplicates on this loop. */
    public DedupListener dedup() {
        return keys;
    }

    /** The books of the route's queues on this loop. */
    public Ledger ledger() {
        return ledger;
    }

    /** The sessions that are under way. */
    long active() {
        // The two are not read at one moment, so the difference may be off by what happens in between.
        return Math.max(0, opened.get() - ended.get());
    }

    long messages(Direction direction) {
        return flow(direction).messages.get();
    }

    long bytes(Direction direction) {
        return flow(direction).bytes.get();
    }

    long heldBytes() {
        return waits.bytes.get();
    }

    long replays() {
        return replayed.get();
    }

    void addDedupTo(Map<String, Long> totals) {
        totals.merge("first", keys.first.get(), Long::sum);
        totals.merge("unkeyed", keys.unkeyed.get(), Long::sum);
        totals.merge("full", keys.full.get(), Long::sum);
        totals.merge("released", keys.released.get(), Long::sum);
    }

    void addResultsTo(Map<String, Long> results) {
        results.merge("opened", opened.get(), Long::sum);
        add(failed, results);
    }

    void addStatesTo(Map<String, Long> totals) {
        add(states, totals);
    }

    void addReconnectsTo(Map<String, Long> totals) {
        add(reconnects, totals);
    }

    private static void increment(Map<String, LoopCounter> counters, String label) {
        LoopCounter counter;
        synchronized (counters) {
            counter = counters.computeIfAbsent(label, l -> new LoopCounter());
        }
        counter.increment();
    }

    private static void add(Map<String, LoopCounter> counters, Map<String, Long> totals) {
        synchronized (counters) {
            counters.forEach((label, counter) -> totals.merge(label, counter.get(), Long::sum));
        }
    }

    /** What queues hold, and for how long: what is turned away is told of twice, as accepted and as left. */
    private final class Waits implements QueueListener {

        private final LoopCounter bytes = new LoopCounter();

        @Override
        public void onAccepted(long size) {
            bytes.add(size);
        }

        @Override
        public void onLeft(Departure why, long size, long waitedNanos, int attempts) {
            bytes.add(-size);
            if (why == Departure.DELIVERED) {
                took(Timing.QUEUE_WAIT, waitedNanos);
            }
        }
    }

    /** Duplicates aside, which the ledger counts, whoever found them. */
    private static final class Keys implements DedupListener {

        private final LoopCounter first = new LoopCounter();
        private final LoopCounter unkeyed = new LoopCounter();
        private final LoopCounter full = new LoopCounter();
        private final LoopCounter released = new LoopCounter();

        @Override
        public void onFirst() {
            first.increment();
        }

        @Override
        public void onUnkeyed(DedupKey.Unkeyed cause) {
            unkeyed.increment();
        }

        @Override
        public void onFull() {
            full.increment();
        }

        @Override
        public void onReleased() {
            released.increment();
        }
    }
}
