package io.tidegate.server.leg;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * When what was written to a leg is in its socket: one promise for all writes, so that none of them needs one of its own.
 *
 * <p>Netty ends the promises of a channel's writes in the order of the writes, so each end is that of the oldest write under
 * way. This promise is never done itself, and nobody can wait for it. A write that fails goes to {@code exceptionCaught}, as
 * that of a void promise does.
 *
 * <p><b>Threads:</b> the leg's event loop. <b>Memory:</b> 16 bytes for each write under way, in an array that is kept while it
 * is small.
 */
final class Flushes extends DefaultChannelPromise {

    private static final int FIRST_ROOM = 8;
    /** In longs: what more were under way once, doesn't stay. */
    private static final int KEPT_ROOM = 128;

    private static final long[] NONE = {};

    private static final AtomicLongFieldUpdater<Flushes> MEAN =
            AtomicLongFieldUpdater.newUpdater(Flushes.class, "meanNanos");

    /** How much the latest time counts in the mean: an eighth, as in RFC 6298. */
    private static final int SMOOTHING = 8;

    private final Channel channel;
    private final LegMeter meter;
    private final LoopClock clock;

    /**
     * A ring of pairs: when the messages were read; and how many there are, with the turn in which they were written in the
     * upper half. Its length is a power of two.
     */
    private long[] underWay = NONE;

    private int first;
    private int size;
    private volatile long meanNanos;

    Flushes(Channel channel, LegMeter meter, LoopClock clock) {
        super(channel);
        this.clock = clock;
        this.channel = channel;
        this.meter = meter;
    }

    /** The promise of the next write, of messages that were read then. */
    ChannelPromise written(long readNanos, int messages) {
        if (size == underWay.length) {
            grow();
        }
        int at = first + size & underWay.length - 1;
        underWay[at] = readNanos;
        underWay[at + 1] = (long) clock.turn() << Integer.SIZE | messages;
        size += 2;
        return this;
    }

    /** Smoothed time from being read to being flushed, in nanoseconds; 0 before the first. Any thread may ask. */
    long meanNanos() {
        return meanNanos;
    }

    /** How many writes are under way. */
    int underWay() {
        return size / 2;
    }

    /** How many there is room for without taking more memory. */
    int room() {
        return underWay.length / 2;
    }

    private void grow() {
        long[] larger = new long[Math.max(FIRST_ROOM, 2 * underWay.length)];
        int tail = underWay.length - first;
        System.arraycopy(underWay, first, larger, 0, tail);
        System.arraycopy(underWay, 0, larger, tail, first);
        underWay = larger;
        first = 0;
    }

    /** Takes the oldest one out; whether there was one. */
    private boolean ended() {
        if (size == 0) {
            return false;
        }
        first = first + 2 & underWay.length - 1;
        size -= 2;
        if (size == 0 && underWay.length > KEPT_ROOM) {
            underWay = NONE;
            first = 0;
        }
        return true;
    }

    private void flushed() {
        if (size == 0) {
            return;
        }
        long readNanos = underWay[first];
        long entry = underWay[first + 1];
        ended();
        // Written at once, as far as the turn's clock can tell; else the turn began with the news of it.
        boolean sameTurn = (int) (entry >>> Integer.SIZE) == clock.turn();
        long nanos = (sameTurn ? System.nanoTime() : clock.nanos()) - readNanos;
        int messages = (int) entry;
        long mean = meanNanos;
        // Whoever looks may see it a little later; a fence with each write would cost more than all the rest.
        MEAN.lazySet(this, mean == 0 ? nanos : mean + (nanos - mean) / SMOOTHING);
        meter.onFlushed(nanos, messages);
    }

    @Override
    public boolean trySuccess(Void result) {
        flushed();
        return true;
    }

    @Override
    public ChannelPromise setSuccess(Void result) {
        flushed();
        return this;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        if (ended() && channel.isRegistered()) {
            channel.pipeline().fireExceptionCaught(cause);
        }
        return true;
    }

    @Override
    public ChannelPromise setFailure(Throwable cause) {
        tryFailure(cause);
        return this;
    }

    /** A write that was handed over can't be taken back. */
    @Override
    public boolean setUncancellable() {
        return true;
    }
}
