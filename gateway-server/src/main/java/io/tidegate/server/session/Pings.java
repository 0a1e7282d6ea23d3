package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.Sender;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.leg.Leg;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own pings on one upstream leg: they tell whether the peer still answers, and what it has read.
 *
 * <p>An endpoint reads frames in order (RFC 6455, section 5.4) and answers a Ping with a Pong of the same payload (5.5.3), so
 * a Pong proves that all that was sent before its Ping was read; {@link PingMark} tells which ones are ours. A peer may answer
 * only the latest of several pings: a Pong counts for all before it.
 *
 * <p>A barrier is a Ping behind messages: after {@value #MOST_MESSAGES} messages, {@value #MOST_BYTES} bytes or
 * {@value #LONGEST_MILLIS} ms, whichever comes first. When nothing else asks for one, there is a Ping each interval.
 *
 * <p>A peer that owes a Pong and gives no sign of life for the timeout is unresponsive ({@link Patience}): whatever it
 * sends is one. While the leg isn't read, because the client reads too slowly, nothing can be seen, so that time doesn't count.
 *
 * <p><b>Threads:</b> the session's event loop.
 */
final class Pings {

    static final int MOST_MESSAGES = 64;
    static final int MOST_BYTES = 64 * 1024;
    static final int LONGEST_MILLIS = 5;

    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** While a Pong is owed, there is a look for signs of life so many times in a timeout. */
    private static final int LOOKS = 4;

    private final Leg leg;
    private final Relay relay;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final LongConsumer confirmed;
    private final Runnable unresponsive;
    private final LongConsumer roundTrip;
    private final PingMark mark = new PingMark();

    /** Pings under way. */
    private final ArrayDeque<Sent> underWay = new ArrayDeque<>();

    private long number;
    private long messages;
    private long covered;
    private long bytesUncovered;
    private final Patience patience;
    /** What the peer had sent by the last look. */
    private long received;
    /** The number of a Ping that was seen to be overdue, once. */
    private long suspect;

    private @Nullable ScheduledFuture<?> watch;
    private @Nullable ScheduledFuture<?> barrier;
    private boolean stopped;

    /** @param through how many messages had been written to the leg before it */
    private record Sent(long number, long through, long nanos) {}

    /**
     * @param relay what reads from the leg
     * @param confirmed told how many of the messages written to this leg are known to be read, in all
     * @param unresponsive called once, when the peer owes a Pong for too long
     * @param roundTrip told how long each Pong took, in nanoseconds, unless it may have waited while the leg wasn't read
     */
    Pings(
            PingConfig config,
            Leg leg,
            Relay relay,
            LongConsumer confirmed,
            Runnable unresponsive,
            LongConsumer roundTrip) {
        this.leg = leg;
        this.relay = relay;
        this.intervalNanos = config.interval().toNanos();
        this.timeoutNanos = config.timeout().toNanos();
        this.confirmed = confirmed;
        this.unresponsive = unresponsive;
        this.roundTrip = roundTrip;
        this.patience = new Patience(timeoutNanos, System.nanoTime());
    }

    void start() {
        watch = schedule(this::look, intervalNanos);
    }

    void stop() {
        stopped = true;
        cancel(watch);
        cancel(barrier);
        underWay.clear();
    }

    /** A message was written to the leg that is to be confirmed. */
    void written(long bytes) {
        messages++;
        bytesUncovered += bytes;
        if (messages - covered >= MOST_MESSAGES || bytesUncovered >= MOST_BYTES) {
            ping();
        } else if (barrier == null) {
            barrier = schedule(this::ping, TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS));
        }
    }

    /** Sends a Ping behind all that was written, and flushes. */
    void ping() {
        cancel(barrier);
        barrier = null;
        if (stopped || !leg.isOpen()) {
            return;
        }
        covered = messages;
        bytesUncovered = 0;
        number++;
        boolean first = underWay.isEmpty();
        underWay.add(new Sent(number, covered, System.nanoTime()));
        leg.send(ControlFrames.ping(leg.channel().alloc(), Sender.CLIENT, mark.of(number)));
        leg.flush();
        if (first) {
            received = leg.receivedBytes();
            // The watch may be a whole interval away.
            cancel(watch);
            watch = schedule(this::look, timeoutNanos / LOOKS);
        }
    }

    /**
     * Takes a Pong of the peer.
     *
     * @param payload where its payload is in {@code frame}, unmasked
     * @return whether it answers a Ping of ours, so that nobody else need see it
     */
    boolean pong(ByteBuf frame, int payload, int length) {
        if (!mark.isIn(frame, payload, length)) {
            return false;
        }
        long answered = mark.numberIn(frame, payload);
        long through = -1;
        long sentNanos = 0;
        for (Sent oldest = underWay.peek(); oldest != null && oldest.number <= answered; oldest = underWay.peek()) {
            through = oldest.through;
            sentNanos = oldest.nanos;
            underWay.remove();
        }
        if (through >= 0) {
            long now = System.nanoTime();
            if (!relay.wasHeldBackSince(sentNanos)) {
                roundTrip.accept(now - sentNanos);
            }
            patience.answered(now);
            confirmed.accept(through);
        }
        return true;
    }

    /** Whether a Pong has come for all that was written. */
    boolean isAllCovered() {
        return underWay.isEmpty() && covered == messages;
    }

    private void look() {
        if (stopped) {
            return;
        }
        long now = System.nanoTime();
        Sent oldest = underWay.peek();
        boolean sentSomething = leg.receivedBytes() != received;
        received = leg.receivedBytes();
        if (relay.isHeldBack()) {
            patience.answered(now);
        } else if (sentSomething) {
            patience.sign(now);
        }
        if (oldest == null) {
            long idle = patience.sinceAnswer(now);
            if (idle >= intervalNanos) {
                ping();
            } else {
                watch = schedule(this::look, intervalNanos - idle);
            }
            return;
        }
        long left = patience.left(oldest.nanos, now);
        if (left > 0) {
            suspect = 0;
            watch = schedule(this::look, Math.min(left, timeoutNanos / LOOKS));
        } else if (suspect == oldest.number) {
            unresponsive.run();
        } else {
            // This loop may have been late itself, with the Pong waiting in the socket: it gets the chance to read it.
            suspect = oldest.number;
            watch = schedule(this::look, GRACE_NANOS);
        }
    }

    private ScheduledFuture<?> schedule(Runnable task, long nanos) {
        return leg.channel().eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private static void cancel(@Nullable ScheduledFuture<?> task) {
        if (task != null) {
            task.cancel(false);
        }
    }
}
