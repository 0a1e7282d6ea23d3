package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.Sender;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.Timing;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own pings to the client, which only tell how long the way is: a client that doesn't answer (RFC 6455, section
 * 5.5.3, says that it must) is left alone, as what it makes of a slow line is its own business.
 *
 * <p>There is one each interval, but none while the client is slow to take what was sent before. A Pong that may have waited
 * while the client wasn't read tells nothing, nor does one for an earlier Ping than the last.
 *
 * <p><b>Threads:</b> the session's event loop.
 */
final class ClientPings {

    private final Session session;
    private final Leg client;
    private final long intervalNanos;
    private final LoopTraffic traffic;
    private final PingMark mark = new PingMark();

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
            client.send(ControlFrames.ping(client.channel().alloc(), Sender.SERVER, mark.of(number)));
            client.flush();
        }
        start();
    }

    /**
     * Takes a Pong of the client.
     *
     * @param payload what it carries, unmasked
     * @return whether it answers a Ping of ours, so that nobody else need see it
     */
    boolean pong(ByteBuf payload) {
        int at = payload.readerIndex();
        if (!mark.isIn(payload, at, payload.readableBytes())) {
            return false;
        }
        if (underWay && mark.numberIn(payload, at) == number) {
            underWay = false;
            if (!session.wasClientHeldBackSince(sentNanos)) {
                traffic.took(Timing.CLIENT_PING, System.nanoTime() - sentNanos);
            }
        }
        return true;
    }
}
