package io.tidegate.bench.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of a run, shared by its loops.
 *
 * <p><b>Threads:</b> any; a reading while the run is going on is not of one moment.
 */
final class Tally {

    final LongAdder connected = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder duplicated = new LongAdder();
    final LongAdder reordered = new LongAdder();
    final LongAdder corrupted = new LongAdder();
    final LongAdder errorReplies = new LongAdder();
    final LongAdder behind = new LongAdder();
    final LongAdder unsent = new LongAdder();

    private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> closed = new ConcurrentHashMap<>();

    /** Counts a connection that did not come about. */
    void failed(String reason) {
        failed.computeIfAbsent(reason, first -> new LongAdder()).increment();
    }

    /** Counts a connection that ended before the run did. */
    void closed(String code) {
        closed.computeIfAbsent(code, first -> new LongAdder()).increment();
    }

    /** Connections that did not come about, by reason. */
    Map<String, Long> failed() {
        return sums(failed);
    }

    /** Connections that ended before the run did, by close code. */
    Map<String, Long> closed() {
        return sums(closed);
    }

    /** What became of the messages so far. */
    Messages messages() {
        return new Messages(
                sent.sum(),
                received.sum(),
                lost.sum(),
                duplicated.sum(),
                reordered.sum(),
                corrupted.sum(),
                errorReplies.sum(),
                behind.sum(),
                unsent.sum());
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counters) {
        Map<String, Long> sums = new TreeMap<>();
        counters.forEach((key, counter) -> sums.put(key, counter.sum()));
        return sums;
    }
}
