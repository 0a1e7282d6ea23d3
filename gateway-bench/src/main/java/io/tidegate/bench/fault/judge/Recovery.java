package io.tidegate.bench.fault.judge;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * How long clients waited during outages.
 *
 * @param pauses the longest wait of each client in each outage in which it waited for a reply, in nanoseconds
 * @param downtimes the outages, in nanoseconds
 * @param slow pauses longer than twice the outage and {@link #GRACE_NANOS}
 */
public record Recovery(Histogram pauses, Histogram downtimes, long slow) {

    /** What a pause may be longer than twice its outage. */
    public static final long GRACE_NANOS = 100_000_000;

    private static final int DIGITS = 3;

    /** Measures. */
    public static Recovery of(List<Replies> clients, List<Outage> outages) {
        Histogram pauses = new Histogram(DIGITS);
        Histogram downtimes = new Histogram(DIGITS);
        long slow = 0;
        for (Outage outage : outages) {
            downtimes.recordValue(Math.max(0, outage.nanos()));
            for (Replies client : clients) {
                long wait = client.longestWait(outage.fromNanos(), outage.toNanos());
                if (wait >= 0) {
                    pauses.recordValue(wait);
                    slow += wait > 2 * outage.nanos() + GRACE_NANOS ? 1 : 0;
                }
            }
        }
        return new Recovery(pauses, downtimes, slow);
    }
}
