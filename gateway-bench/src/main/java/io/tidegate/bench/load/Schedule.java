package io.tidegate.bench.load;

/**
 * When messages are due: number <i>k</i> at {@code start + (offset + k × stride) / rate}, whatever happened before.
 *
 * <p>Loops share a rate by having the same stride, their number, and different offsets.
 *
 * <p><b>Threads:</b> one. <b>State:</b> how many have been taken, and the end.
 */
final class Schedule {

    private final long startNanos;
    private long endNanos;
    private final double firstNanos;
    private final double everyNanos;
    private long taken;

    /**
     * Makes a schedule.
     *
     * @param rate messages per second of all loops together, above 0
     * @param offset this loop's place among the loops, from 0
     * @param stride the number of loops
     * @param startNanos when message 0 of loop 0 is due
     * @param endNanos nothing is due from here on
     */
    Schedule(double rate, int offset, int stride, long startNanos, long endNanos) {
        this.startNanos = startNanos;
        this.endNanos = endNanos;
        this.firstNanos = offset * 1e9 / rate;
        this.everyNanos = stride * 1e9 / rate;
    }

    /** When the next message is due. */
    long nextDueNanos() {
        return startNanos + (long) (firstNanos + taken * everyNanos);
    }

    /** Whether the next message would be due at the end or later. */
    boolean finished() {
        return nextDueNanos() - endNanos >= 0;
    }

    /** Whether there is a next message and it is due. */
    boolean isDue(long nowNanos) {
        return nextDueNanos() - nowNanos <= 0 && !finished();
    }

    /** How many messages are due and not taken, the end aside. */
    long countDue(long nowNanos) {
        double sinceFirst = nowNanos - startNanos - firstNanos;
        return sinceFirst < 0 ? 0 : Math.max(0, (long) (sinceFirst / everyNanos) + 1 - taken);
    }

    /** Moves the end to an earlier time; a later one changes nothing. */
    void end(long nowNanos) {
        if (nowNanos - endNanos < 0) {
            endNanos = nowNanos;
        }
    }

    /** How many messages are due before the end, and not taken. */
    long remaining() {
        return countDue(endNanos - 1);
    }

    /** Takes the next message. */
    void take() {
        taken++;
    }
}
