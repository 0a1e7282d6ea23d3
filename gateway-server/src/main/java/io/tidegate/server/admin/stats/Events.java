package io.tidegate.server.admin.stats;

import io.tidegate.server.admin.Subject;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The stats as server-sent events: {@code state} each second, {@code performance} every 5, {@code aggregates} every 30.
 *
 * <p>Each is made once, for all who watch, and only if somebody does. Whoever comes gets all three at once. Whoever is too slow
 * for one misses it, and gets the next one.
 *
 * <p><b>Threads:</b> {@link #tick} and {@link #first} by one thread, which is not an event loop.
 */
public final class Events {

    /** Seconds between two of them. */
    private static final int PERFORMANCE = 5;

    private static final int AGGREGATES = 30;

    /** Entries of the journal that a {@code state} tells at least, for those who missed the one before. */
    private static final int REPEATED = 10;

    private static final double NANOS = 1e9;

    private final Stats stats;
    private final Subject subject;
    private final Journal journal;
    private final Watch watch;
    private final HistogramLogs logs;
    private final Ticker ticker;
    private final Sinks.Many<byte[]> sink = Sinks.many().multicast().directBestEffort();

    private long ticks;
    private Latencies sofar;
    private long sofarNanos;
    private byte @Nullable [] performance;

    /**
     * @param journal gets what a look at {@code subject} brings, each second
     * @param logs gets the intervals between two {@code performance} events
     */
    public Events(Stats stats, Subject subject, Journal journal, HistogramLogs logs, Ticker ticker) {
        this.stats = stats;
        this.subject = subject;
        this.journal = journal;
        this.logs = logs;
        this.ticker = ticker;
        this.watch = new Watch(subject, journal);
        this.sofar = Latencies.of(subject.traffic());
        this.sofarNanos = ticker.nanos();
        watch.look();
    }

    /** To be called each second. What histograms have is up to a second behind. */
    public void tick() {
        ticks++;
        long before = journal.last();
        watch.look();
        boolean isWatched = sink.currentSubscriberCount() > 0;
        if (isWatched) {
            emit(state(journal.since(Math.min(before, journal.last() - REPEATED))));
        }
        if (ticks % PERFORMANCE == 0) {
            byte[] event = measure();
            if (isWatched) {
                emit(event);
            }
        }
        if (isWatched && ticks % AGGREGATES == 0) {
            emit(event("aggregates", stats.write()));
        }
    }

    /** What is sent to one who watches from now on. */
    public List<byte[]> first() {
        byte[] measured = performance == null ? measure() : performance;
        return List.of(state(journal.latest()), measured, event("aggregates", stats.write()));
    }

    /**
     * What is sent later.
     *
     * <p><b>Signals:</b> events; complete when the gateway stops. <b>Demand:</b> what nobody asked for is dropped.
     */
    public Flux<byte[]> later() {
        return sink.asFlux();
    }

    /** Says goodbye to all who watch. */
    public void end() {
        sink.tryEmitComplete();
    }

    private void emit(byte[] event) {
        sink.tryEmitNext(event);
    }

    private byte[] state(List<Journal.Entry> happened) {
        return event("state", stats.state(happened));
    }

    private byte[] measure() {
        Latencies now = Latencies.of(subject.traffic());
        long nanos = ticker.nanos();
        byte[] event = event("performance", stats.performance(now.minus(sofar), (nanos - sofarNanos) / NANOS));
        logs.endInterval();
        sofar = now;
        sofarNanos = nanos;
        performance = event;
        return event;
    }

    /** JSON has no line breaks of its own, so one {@code data} line will do. */
    private byte[] event(String name, byte[] json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 64);
        String head = "event: " + name + "\nid: " + journal.last() + "\ndata: ";
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(json);
        out.writeBytes(new byte[] {'\n', '\n'});
        return out.toByteArray();
    }
}
