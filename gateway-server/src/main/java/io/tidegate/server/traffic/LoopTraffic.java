package io.tidegate.server.traffic;

import io.tidegate.dedup.DedupKey;
import io.tidegate.dedup.DedupListener;
import io.tidegate.metrics.LoopCounter;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.queue.Departure;
import io.tidegate.queue.Ledger;
import io.tidegate.queue.QueueListener;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    private final Held held = new Held();
    private final Keys keys = new Keys();
    private final LoopCounter replayed = new LoopCounter();
    private final Supplier<LoopHistogram> reconnectTimes;
    private @Nullable LoopHistogram reconnectTime;

    /** @param reconnectTimes where this loop records them; asked when there is one */
    LoopTraffic(Supplier<LoopHistogram> reconnectTimes) {
        this.reconnectTimes = reconnectTimes;
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

    /** A search for another upstream leg found one, so long after the loss. */
    public void reconnectTook(long nanos) {
        LoopHistogram times = reconnectTime;
        if (times == null) {
            times = reconnectTimes.get();
            reconnectTime = times;
        }
        times.record(nanos);
    }

    /** A message was written again, to another upstream leg. */
    public void replayed() {
        replayed.increment();
    }

    /** Hears of the route's queues on this loop. */
    public QueueListener queue() {
        return held;
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
        return held.bytes.get();
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

    /** What queues hold: what is turned away is told of twice, as accepted and as left. */
    private static final class Held implements QueueListener {

        private final LoopCounter bytes = new LoopCounter();

        @Override
        public void onAccepted(long size) {
            bytes.add(size);
        }

        @Override
        public void onLeft(Departure why, long size, long waitedNanos, int attempts) {
            bytes.add(-size);
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
