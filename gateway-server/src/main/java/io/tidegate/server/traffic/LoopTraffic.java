package io.tidegate.server.traffic;

import io.tidegate.dedup.DedupKey;
import io.tidegate.dedup.DedupListener;
import io.tidegate.metrics.LoopCounter;
import io.tidegate.metrics.LoopHistogram;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.series.Lease;
import io.tidegate.queue.Departure;
import io.tidegate.queue.Ledger;
import io.tidegate.queue.QueueListener;
import io.tidegate.server.leg.LegMeter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One route's traffic on one event loop.
 *
 * <p><b>Threads:</b> written by that loop alone, read by any (see {@link LoopCounter}); results are few, and each counter
 * is made when first needed, under a lock that only its making takes.
 */
public final class LoopTraffic {

    /** One direction's counters, and where it records. */
    public static final class Flow {
        private final LoopCounter messages = new LoopCounter();
        private final LoopCounter bytes = new LoopCounter();
        private final Recorder relayTimes;
        private final Recorder sizes;

        private Flow(Recorder relayTimes, Recorder sizes) {
            this.relayTimes = relayTimes;
            this.sizes = sizes;
        }

        /** Counts whole messages and the payload bytes that went on with them. */
        public void passed(int messageCount, long payloadBytes) {
            messages.add(messageCount);
            bytes.add(payloadBytes);
        }
    }

    /** Where this loop records in a histogram: takes no memory before the first value. */
    private static final class Recorder {

        private final StripedHistogram histogram;
        private final int loop;
        private @Nullable LoopHistogram there;

        Recorder(StripedHistogram histogram, int loop) {
            this.histogram = histogram;
            this.loop = loop;
        }

        void record(long value, int times) {
            LoopHistogram known = there;
            if (known == null) {
                known = histogram.on(loop);
                there = known;
            }
            known.record(value, times);
        }
    }

    /** What a leg receives goes one way, and what is written to it comes the other way. */
    private record Meter(Flow received, Flow written) implements LegMeter {

        @Override
        public void onMessages(long payloadBytes, int messages) {
            received.sizes.record(payloadBytes, messages);
        }

        @Override
        public void onFlushed(long nanos, int messages) {
            written.relayTimes.record(nanos, messages);
        }
    }

    private final Flow toUpstream;
    private final Flow toClient;
    private final LegMeter clientMeter;
    private final LegMeter upstreamMeter;
    private final LoopCounter ended = new LoopCounter();
    private final LoopCounter opened = new LoopCounter();
    private final Map<String, LoopCounter> failed = new TreeMap<>();
    private final Map<String, LoopCounter> states = new TreeMap<>();
    private final Map<String, LoopCounter> reconnects = new TreeMap<>();
    private final Ledger ledger = new Ledger();
    private final Waits waits = new Waits();
    private final Keys keys = new Keys();
    private final LoopCounter replayed = new LoopCounter();
    private final RouteTraffic route;
    private final int loop;
    private final Map<Timing, Recorder> times = new EnumMap<>(Timing.class);

    /**
     * @param route has the histograms that this loop records in
     * @param loop its number there
     */
    LoopTraffic(RouteTraffic route, int loop) {
        this.route = route;
        this.loop = loop;
        this.toUpstream = newFlow(Direction.TO_UPSTREAM);
        this.toClient = newFlow(Direction.TO_CLIENT);
        for (Timing timing : Timing.values()) {
            times.put(timing, new Recorder(route.times(timing), loop));
        }
        this.clientMeter = route.isMeasured() ? new Meter(toUpstream, toClient) : LegMeter.NONE;
        this.upstreamMeter = route.isMeasured() ? new Meter(toClient, toUpstream) : LegMeter.NONE;
    }

    private Flow newFlow(Direction direction) {
        return new Flow(new Recorder(route.relayTimes(direction), loop), new Recorder(route.sizes(direction), loop));
    }

    /** Hears of messages on client legs. */
    public LegMeter clientMeter() {
        return clientMeter;
    }

    /** Hears of messages on upstream legs. */
    public LegMeter upstreamMeter() {
        return upstreamMeter;
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

    /**
     * How a session ends is settled.
     *
     * @param code the close code on the client leg; 1005 for a Close without one, 1006 for a client that vanished (RFC 6455,
     *     section 7.4.1)
     */
    public void closes(Initiator initiator, int code) {
        try (Lease<StripedCounter> counter = route.closeCodes(initiator).acquire(Integer.toString(code))) {
            counter.series().increment(loop);
        }
    }

    /** Something took so long. */
    public void took(Timing timing, long nanos) {
        if (route.isMeasured()) {
            Objects.requireNonNull(times.get(timing)).record(nanos, 1);
        }
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

    /** The most messages that queues held at once. */
    long mostHeld() {
        return waits.most.get();
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
        private final LoopCounter most = new LoopCounter();
        private int held;

        @Override
        public void onAccepted(long size) {
            bytes.add(size);
            held++;
            if (held > most.get()) {
                most.increment();
            }
        }

        @Override
        public void onLeft(Departure why, long size, long waitedNanos, int attempts) {
            bytes.add(-size);
            held--;
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
