package io.tidegate.server.admin.stats;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * What happened to the gateway lately, in a few words each. The oldest entries go when there are more than {@value #ROOM}.
 *
 * <p><b>Threads:</b> any.
 */
public final class Journal {

    private static final int ROOM = 100;

    /** How bad it is. */
    public enum Severity {
        INFO,
        WARNING,
        ERROR;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that happened.
     *
     * @param seq from 1, without gaps
     * @param kind what it is about: {@code gateway}, {@code breaker}, {@code endpoint} or {@code sessions}
     * @param subject whom it happened to
     */
    record Entry(long seq, Instant at, String kind, Severity severity, String subject, String text) {}

    private final Clock clock;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long last;

    /** @param clock says when it was */
    public Journal(Clock clock) {
        this.clock = clock;
    }

    synchronized void add(String kind, Severity severity, String subject, String text) {
        last++;
        entries.add(new Entry(last, clock.instant(), kind, severity, subject, text));
        if (entries.size() > ROOM) {
            entries.remove();
        }
    }

    /** All there are, the oldest first. */
    synchronized List<Entry> latest() {
        return List.copyOf(entries);
    }

    /** Those later than that one. */
    synchronized List<Entry> since(long seq) {
        return entries.stream().filter(entry -> entry.seq > seq).toList();
    }

    /** The number of the latest one; 0 if there is none. */
    synchronized long last() {
        return last;
    }
}
