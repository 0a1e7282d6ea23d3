package io.tidegate.server.traffic;

import io.netty.util.concurrent.EventExecutor;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.HistogramSnapshot;
import io.tidegate.metrics.StripedCounter;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.series.SeriesConfig;
import io.tidegate.metrics.series.SeriesRegistry;
import io.tidegate.metrics.series.SeriesSnapshot;
import io.tidegate.queue.Accounting;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One route's traffic on all event loops. Sums are taken while the loops count on: each is exact in itself and never
 * falls, but two of them may be some messages apart.
 */
public final class RouteTraffic {

    /** Anybody may invent close codes. */
    private static final SeriesConfig CLOSES = new SeriesConfig(50, Duration.ofHours(1));

    private static final String OTHER_CODES = "other";

    private final String route;
    private final boolean keepsBooks;
    private final boolean isMeasured;
    private final Map<Timing, StripedHistogram> times = new EnumMap<>(Timing.class);
    private final Map<Direction, StripedHistogram> relayTimes = new EnumMap<>(Direction.class);
    private final Map<Direction, StripedHistogram> sizes = new EnumMap<>(Direction.class);
    private final Map<Initiator, SeriesRegistry<String, StripedCounter>> closes = new EnumMap<>(Initiator.class);
    private final AtomicInteger nextLoop = new AtomicInteger();
    private final Map<EventExecutor, LoopTraffic> loops = new ConcurrentHashMap<>();

    /**
     * @param route the value of the label {@code route}
     * @param keepsBooks whether its messages go through queues that keep accounts of them
     * @param isMeasured whether anybody can ask for distributions, so that times are taken and sizes recorded; all else is
     *     always counted
     * @param loops how many event loops there are
     */
    public RouteTraffic(String route, boolean keepsBooks, boolean isMeasured, int loops) {
        this.route = route;
        this.keepsBooks = keepsBooks;
        this.isMeasured = isMeasured;
        for (Initiator initiator : Initiator.values()) {
            closes.put(
                    initiator,
                    new SeriesRegistry<>(CLOSES, Ticker.system(), OTHER_CODES, () -> new StripedCounter(loops)));
        }
        for (Direction direction : Direction.values()) {
            relayTimes.put(direction, new StripedHistogram(HistogramRange.LATENCY, loops));
            sizes.put(direction, new StripedHistogram(HistogramRange.SIZE, loops));
        }
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
        return loops.computeIfAbsent(loop, l -> new LoopTraffic(this, nextLoop.getAndIncrement()));
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

    /** From when a message was read to when it was in the other leg's socket, in nanoseconds. */
    public StripedHistogram relayTimes(Direction direction) {
        return Objects.requireNonNull(relayTimes.get(direction));
    }

    /** Payload of messages read, in bytes, as on the wire. */
    public StripedHistogram sizes(Direction direction) {
        return Objects.requireNonNull(sizes.get(direction));
    }

    /** What became of the messages of several routes together. */
    public static Accounting accounting(Collection<RouteTraffic> routes) {
        return routes.stream().map(RouteTraffic::accounting).reduce(Accounting.NOTHING, Accounting::plus);
    }

    /** The same of several routes together. */
    public static HistogramSnapshot relayTimes(Collection<RouteTraffic> routes, Direction direction) {
        return sum(routes, HistogramRange.LATENCY, route -> route.relayTimes(direction));
    }

    /** How long {@code timing} took on several routes together. */
    public static HistogramSnapshot times(Collection<RouteTraffic> routes, Timing timing) {
        return sum(routes, timing.range(), route -> route.times(timing));
    }

    private static HistogramSnapshot sum(
            Collection<RouteTraffic> routes, HistogramRange range, Function<RouteTraffic, StripedHistogram> histogram) {
        return routes.stream()
                .map(route -> histogram.apply(route).snapshot())
                .reduce(HistogramSnapshot.empty(range), HistogramSnapshot::plus);
    }

    /** All of them. */
    public Collection<StripedHistogram> histograms() {
        List<StripedHistogram> all = new ArrayList<>(times.values());
        all.addAll(relayTimes.values());
        all.addAll(sizes.values());
        return all;
    }

    /** Whether distributions are recorded. */
    public boolean isMeasured() {
        return isMeasured;
    }

    /**
     * Sessions by the close code that they ended with, as a label. Codes that nobody has used for an hour are forgotten, and
     * those beyond the first 50 are {@code other}.
     *
     * @param initiator who wanted the end first
     */
    public Map<String, Long> closes(Initiator initiator) {
        Map<String, Long> counts = new TreeMap<>();
        SeriesSnapshot.of(closeCodes(initiator)).values().forEach((code, closed) -> counts.put(code, closed.count()));
        return counts;
    }

    /** Where those are counted. */
    SeriesRegistry<String, StripedCounter> closeCodes(Initiator initiator) {
        return Objects.requireNonNull(closes.get(initiator));
    }

    /** What comes and goes, and has to be swept. */
    public Collection<SeriesRegistry<?, ?>> series() {
        return List.copyOf(closes.values());
    }

    /** Bytes on the wire of the messages that queues hold: those that wait, and the unconfirmed. */
    public long heldBytes() {
        return each().stream().mapToLong(LoopTraffic::heldBytes).sum();
    }

    /**
     * The most messages that queues held at once: no less, and more only if several event loops were busiest at different
     * times.
     */
    public long mostHeld() {
        return each().stream().mapToLong(LoopTraffic::mostHeld).sum();
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
