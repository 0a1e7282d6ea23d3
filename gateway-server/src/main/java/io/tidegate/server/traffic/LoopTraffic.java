package io.tidegate.server.traffic;

import io.tidegate.metrics.LoopCounter;
import io.tidegate.queue.Ledger;
import java.util.Map;
import java.util.TreeMap;

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
    public void reconnected(String result) {
        increment(reconnects, result);
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
}
