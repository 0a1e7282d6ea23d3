package io.tidegate.server.session;

import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.server.leg.Leg;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Bounds how long a closing session waits: {@link Session#CLOSE_TIMEOUT}, or longer while somebody reads slowly. */
final class Farewell {

    private final Session session;
    private final Leg client;
    private @Nullable ScheduledFuture<?> deadline;
    private int timeouts;
    private long flushedSoFar;

    Farewell(Session session, Leg client) {
        this.session = session;
        this.client = client;
    }

    /** Begins to wait, unless it does already. */
    void begin() {
        if (deadline == null) {
            await();
        }
    }

    void end() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private void await() {
        flushedSoFar = flushed();
        deadline = session.loop().schedule(this::expired, Session.CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }

    private long flushed() {
        Leg upstream = session.upstream();
        return client.flushedBytes() + (upstream == null ? 0 : upstream.flushedBytes());
    }

    private void expired() {
        Leg upstream = session.upstream();
        boolean progress = flushed() > flushedSoFar;
        timeouts++;
        boolean inTime = Session.CLOSE_TIMEOUT.multipliedBy(timeouts + 1L).compareTo(Session.CLOSE_LIMIT) <= 0;
        if (inTime && progress && (isDelivering(upstream, client) || isDelivering(client, upstream))) {
            // Somebody reads slowly what was sent before the end.
            await();
            return;
        }
        session.noAnswer();
        if (!client.isClosed() && upstream != null && upstream.isOpen() && upstream.receivedClose() == null) {
            // Nobody has told the upstream yet: the loss of the client does, behind what is on its way there.
            giveUp(client);
            await();
            return;
        }
        giveUp(client);
        if (upstream != null) {
            giveUp(upstream);
        }
    }

    /** Whether {@code to} is still taking what came before the end of {@code from}, with nothing more to follow. */
    private static boolean isDelivering(@Nullable Leg from, @Nullable Leg to) {
        return to != null && to.isPending() && (to.sentClose() != null || from == null || from.isClosed());
    }

    private static void giveUp(Leg leg) {
        CloseStatus asked = leg.receivedClose();
        if (asked != null) {
            leg.sendClose(asked);
        }
        leg.closeNow();
    }
}
