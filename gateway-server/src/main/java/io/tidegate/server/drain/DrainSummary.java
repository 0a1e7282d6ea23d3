package io.tidegate.server.drain;

import io.tidegate.queue.Accounting;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What came of a drain.
 *
 * @param closed sessions that the gateway closed
 * @param peerClosed sessions that ended of their own while it went on
 * @param forced sessions that were cut off, as their clients didn't answer the Close in time (RFC 6455, section 7.1.2)
 * @param duration from the beginning to when the last session was over
 * @param tasks periodic tasks that were stopped: health checks, look-ups, upkeep
 * @param during what became of messages while it went on
 * @param books where all messages went since the gateway started
 */
public record DrainSummary(
        int closed, int peerClosed, int forced, Duration duration, int tasks, Accounting during, Accounting books) {

    /** Sessions in all. */
    public int sessions() {
        return closed + peerClosed + forced;
    }

    /** Messages that were delivered while it went on. */
    public long flushed() {
        return during.delivered();
    }

    /** Messages that were dropped or expired while it went on. */
    public long dropped() {
        return during.allDropped() + during.expired();
    }

    /** A line for people. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "drained in %.1f s: %d sessions (%d closed, %d by their peers, %d cut off); messages: %d flushed, %d dropped%s;"
                        + " %d tasks stopped; %s",
                duration.toMillis() / 1000.0,
                sessions(),
                closed,
                peerClosed,
                forced,
                flushed(),
                dropped(),
                reasons(),
                tasks,
                identity());
    }

    private String reasons() {
        String reasons = during.dropped().entrySet().stream()
                .map(drop -> drop.getKey().label() + ' ' + drop.getValue())
                .collect(Collectors.joining(", "));
        String expired = during.expired() == 0 ? "" : "expired " + during.expired();
        String all = reasons.isEmpty() || expired.isEmpty() ? reasons + expired : expired + ", " + reasons;
        return all.isEmpty() ? "" : " (" + all + ')';
    }

    private String identity() {
        return "accounting: accepted " + books.accepted() + (books.balanced() ? " = " : " IS NOT ") + "delivered "
                + books.delivered() + " + queued " + books.queued() + " + unconfirmed " + books.unconfirmed()
                + " + expired " + books.expired() + " + duplicate " + books.duplicate() + " + dropped "
                + books.allDropped();
    }
}
