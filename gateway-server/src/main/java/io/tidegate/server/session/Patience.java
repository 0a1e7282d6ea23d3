package io.tidegate.server.session;

/**
 * How long a peer that owes a Pong is waited for.
 *
 * <p>It answers a Ping when it has read all that came before (RFC 6455, section 5.5.2), so one that has much to read answers late
 * and is none the worse for it. Whatever else it sends is a sign of life, and gives it a timeout more; up to {@value
 * #MOST_TIMEOUTS} of them, as one that talks and never reads is of no use either.
 *
 * <p><b>Threads:</b> one. Times are in nanoseconds, of {@link System#nanoTime()} or the like.
 */
final class Patience {

    /** So many timeouts are the longest that a Pong may take, whatever else comes. */
    static final int MOST_TIMEOUTS = 10;

    private final long timeoutNanos;
    private long lastSign;
    private long lastAnswer;

    Patience(long timeoutNanos, long now) {
        this.timeoutNanos = timeoutNanos;
        this.lastSign = now;
        this.lastAnswer = now;
    }

    /** The peer sent something. */
    void sign(long now) {
        lastSign = now;
    }

    /** A Pong came, or none could have been seen until now. */
    void answered(long now) {
        lastAnswer = now;
        lastSign = now;
    }

    long sinceAnswer(long now) {
        return now - lastAnswer;
    }

    /**
     * How much longer it is waited for.
     *
     * @param asked when the oldest Ping without a Pong was sent
     * @return not above 0 when the patience is at its end
     */
    long left(long asked, long now) {
        long silent = now - later(asked, lastSign);
        long owing = now - later(asked, lastAnswer);
        return Math.min(timeoutNanos - silent, MOST_TIMEOUTS * timeoutNanos - owing);
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }
}
