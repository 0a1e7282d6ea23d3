package io.tidegate.bench.fault.client;

/**
 * How many messages may have been sent by now: more and more at a rate, up to a limit that is raised now and then.
 *
 * <p><b>Threads:</b> one.
 */
final class Pace {

    private long limit;
    private double perSecond;
    private double allowed;
    private long atNanos;

    /** Raises the limit to {@code total}, to be reached at a rate from now on. */
    void allow(long total, double perSecond, long nowNanos) {
        due(nowNanos);
        this.limit = total;
        this.perSecond = perSecond;
        this.atNanos = nowNanos;
    }

    /** Messages that may have been sent. */
    long due(long nowNanos) {
        allowed = Math.min((double) limit, allowed + perSecond * (nowNanos - atNanos) / 1e9);
        atNanos = nowNanos;
        return (long) allowed;
    }
}
