package io.tidegate.server.traffic;

import io.netty.util.concurrent.EventExecutor;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.queue.Accounting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One route's traffic on all event loops. Sums are taken while the loops count on: each is exact in itself and never
 * falls, but two of them may be some messages apart.
 */
public final class RouteTraffic {

    private final String route;
    private final boolean keepsBooks;
    private final Map<Timing, StripedHistogram> times = new EnumMap<>(Timing.class);
    private final AtomicInteger nextLoop = new AtomicInteger();
    private final Map<EventExecutor, LoopTraffic> loops = new ConcurrentHashMap<>();

    /**
     * @param route the value of the label {@code route}
     * @param keepsBooks whether its messages go through queues that keep accounts of them
     * @param loops how many event loops there are
     */
    public RouteTraffic(String route, boolean keepsBooks, int loops) {
        this.route = route;
        this.keepsBooks = keepsBooks;
        for (Timing timing : Timing.values()) {
            times.put(timing, new StripedHistogram(timing.range(), loops));
        }
    }

    public String route() {
        return route;
    }

    /** Whether its messages go through queues that keep accounts of them. */
    public boolean keepsBooks() {
        return keepsBooks;
    }

    /** The counters that {@code loop}, and nobody else, may write. */
    public LoopTraffic on(EventExecutor loop) {
        return loops.computeIfAbsent(loop, l -> {
            int number = nextLoop.getAndIncrement();
            return new LoopTraffic(timing -> times(timing).on(number));
        });
    }

    /** Sessions under way. */
    public long active() {
        return each().stream().mapToLong(LoopTraffic::active).sum();
    }

    /** Messages passed on. */
    public long messages(Direction direction) {
        return each().stream().mapToLong(loop -> loop.messages(direction)).sum();
    }

    /** Payload bytes of those messages. */
    public long bytes(Direction direction) {
        return each().stream().mapToLong(loop -> loop.bytes(direction)).sum();
    }

    /** Handshakes by how they ended: {@code opened} and the labels of {@link io.tidegate.server.failure.Failure}. */
    public Map<String, Long> results() {
        Map<String, Long> results = new TreeMap<>();
        each().forEach(loop -> loop.addResultsTo(results));
        return results;
    }

    /** How often sessions entered each state. */
    public Map<String, Long> states() {
        Map<String, Long> totals = new TreeMap<>();
        each().forEach(loop -> loop.addStatesTo(totals));
        return totals;
    }

    /** Searches for another upstream leg by how they ended. */
    public Map<String, Long> reconnects() {
        Map<String, Long> totals = new TreeMap<>();
        each().forEach(loop -> loop.addReconnectsTo(totals));
        return totals;
    }

    /** How long {@code timing} took, in nanoseconds. */
    public StripedHistogram times(Timing timing) {
        return Objects.requireNonNull(times.get(timing));
    }

    /** The times of everything that is timed. */
    public Collection<StripedHistogram> times() {
        return Collections.unmodifiableCollection(times.values());
    }

    /** Bytes on the wire of the messages that queues hold: those that wait, and the unconfirmed. */
    public long heldBytes() {
        return each().stream().mapToLong(LoopTraffic::heldBytes).sum();
    }

    /** Messages that were written again, to another upstream leg: the unconfirmed, and prologues. */
    public long replays() {
        return each().stream().mapToLong(LoopTraffic::replays).sum();
    }

    /** What dedup found, duplicates aside; those are in the {@linkplain #accounting() books}. */
    public Map<String, Long> dedup() {
        Map<String, Long> totals = new TreeMap<>();
        each().forEach(loop -> loop.addDedupTo(totals));
        return totals;
    }

    /** The books of all queues; where there are none, each message that passed was delivered. */
    public Accounting accounting() {
        if (!keepsBooks) {
            long passed = messages(Direction.TO_UPSTREAM);
            return new Accounting(passed, passed, 0, 0, 0, 0, Map.of());
        }
        return each().stream().map(loop -> loop.ledger().snapshot()).reduce(Accounting.NOTHING, Accounting::plus);
    }

    private List<LoopTraffic> each() {
        return new ArrayList<>(loops.values());
    }
}
