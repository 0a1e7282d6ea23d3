package io.tidegate.server.traffic;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One route's traffic on all event loops. Sums are taken while the loops count on: each is exact in itself and never
 * falls, but two of them may be some messages apart.
 */
public final class RouteTraffic {

    private final String route;
    private final Map<EventExecutor, LoopTraffic> loops = new ConcurrentHashMap<>();

    /** @param route the value of the label {@code route} */
    public RouteTraffic(String route) {
        this.route = route;
    }

    public String route() {
        return route;
    }

    /** The counters that {@code loop}, and nobody else, may write. */
    public LoopTraffic on(EventExecutor loop) {
        return loops.computeIfAbsent(loop, l -> new LoopTraffic());
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

    private List<LoopTraffic> each() {
        return new ArrayList<>(loops.values());
    }
}
