package io.tidegate.bench.fault.judge;

/**
 * A time in which an upstream was down.
 *
 * @param endpoint which, from 0
 * @param fromNanos when it was broken
 * @param toNanos when it took connections again
 */
public record Outage(int endpoint, long fromNanos, long toNanos) {

    /** How long it was. */
    public long nanos() {
        return toNanos - fromNanos;
    }
}
