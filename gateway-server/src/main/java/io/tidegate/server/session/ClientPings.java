package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.Sender;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.Timing;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own pings to the client, which only tell how long the way is: a client that doesn't answer (RFC 6455, section
 * 5.5.3, says that it must) is left alone, as what it makes of a slow line is its own business.
 *
 * <p>There is one each interval, but none while the client is slow to take what was sent before. A Pong that may have waited
 * while the client wasn't read tells nothing. Each carries 8 bytes that are
 * this session's alone and a number; a Pong with anything else isn't ours, and one for an earlier Ping than the last is too old
 * to tell.
 *
 * <p><b>Threads:</b> the session's event loop.
 */
final class ClientPings {

    private static final int PAYLOAD = 16;

    private final Session session;
    private final Leg client;
    private final long intervalNanos;
    private final LoopTraffic traffic;
    private final long nonce = ThreadLocalRandom.current().nextLong();

    private long number;
    private long sentNanos;
    private boolean underWay;
    private @Nullable ScheduledFuture<?> next;

    ClientPings(Session session, Leg client, long intervalNanos, LoopTraffic traffic) {
        this.session = session;
        this.client = client;
        this.intervalNanos = intervalNanos;
        this.traffic = traffic;
    }

    void start() {
        next = client.channel().eventLoop().schedule(this::ping, intervalNanos, TimeUnit.NANOSECONDS);
    }

    void stop() {
        if (next != null) {
            next.cancel(false);
        }
    }

    private void ping() {
        if (!client.isOpen()) {
            return;
        }
        if (client.isWritable()) {
            number++;
            underWay = true;
            sentNanos = System.nanoTime();
            client.send(ControlFrames.ping(client.channel().alloc(), Sender.SERVER, payload()));
            client.flush();
        }
        start();
    }

    private byte[] payload() {
        ByteBuf payload = Unpooled.buffer(PAYLOAD, PAYLOAD);
        return payload.writeLong(nonce).writeLong(number).array();
    }

    /** Whether a Pong may come. */
    boolean areAnswered() {
        return number > 0;
    }

    /**
     * Takes a Pong of the client.
     *
     * @param payload what it carries, unmasked
     * @return whether it answers a Ping of ours, so that nobody else need see it
     */
    boolean pong(ByteBuf payload) {
        int at = payload.readerIndex();
        if (payload.readableBytes() != PAYLOAD || payload.getLong(at) != nonce) {
            return false;
        }
        if (underWay && payload.getLong(at + Long.BYTES) == number) {
            underWay = false;
            if (session.wasClientHeldBackSince(sentNanos)) {
                return true;
            }
            traffic.took(Timing.CLIENT_PING, System.nanoTime() - sentNanos);
        }
        return true;
    }
}
