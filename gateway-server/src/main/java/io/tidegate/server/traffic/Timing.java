package io.tidegate.server.traffic;

import io.tidegate.metrics.HistogramRange;
import java.time.Duration;
import java.util.Locale;

/** What is timed on a route, one histogram each. */
public enum Timing {
    /** From a client's request to its 101; handshakes that failed aren't timed. */
    HANDSHAKE(Duration.ofNanos(1_000)),
    /** From a Ping of the gateway's own to an upstream to its Pong. */
    UPSTREAM_PING(Duration.ofNanos(1_000)),
    /** From a Ping of the gateway's own to a client to its Pong. */
    CLIENT_PING(Duration.ofNanos(1_000)),
    /** From the loss of an upstream leg until there was another one. */
    RECONNECT(Duration.ofNanos(100_000)),
    /**
     * From a request of a client to its reply, or to the first result of a subscription; of a batch to the last one of its replies.
     * Requests that came to nothing aren't timed.
     */
    REQUEST(Duration.ofNanos(1_000)),
    /** How long a message that was delivered waited before it was written, for the last time if more than once. */
    QUEUE_WAIT(Duration.ofNanos(1_000));

    private final Duration unit;

    /** @param unit the shortest time that is told from none */
    Timing(Duration unit) {
        this.unit = unit;
    }

    /** Its name where all are listed. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Up to a day, as long as sessions may search and messages wait. */
    HistogramRange range() {
        return HistogramRange.ofTimes(unit, Duration.ofDays(1), 2);
    }
}
