package io.tidegate.server.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.LoopTraffic;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client leg and the upstream leg that serves it, from the client's 101 until both connections are closed.
 *
 * <p>Who ends it decides what the other side is told: a Close frame passes on as it is; a client that vanished or broke
 * the rules is reported upstream as 1001; an upstream that vanished or broke the rules is reported to the client as 1014,
 * one that sent too much as 1009; a fault of the gateway's own is 1011 to both. However it ends, both connections are closed
 * {@link #CLOSE_TIMEOUT} later, or, while a peer still takes what was sent before the end, {@link #CLOSE_LIMIT} later at most.
 *
 * <p><b>Threads:</b> the event loop that both legs live on; {@link #end} may be called from any.
 */
public final class Session implements Leg.Listener {

    /** How long a closing session waits for the peers' part of the closing handshake: 5 seconds. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** How long a closing session lasts at most: one minute. */
    public static final Duration CLOSE_LIMIT = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private final long number;
    private final String route;
    private final Object endpoint;
    private final Leg client;
    private final Leg upstream;
    private final LoopTraffic traffic;
    private final Consumer<? super Session> onEnd;
    private final Relay toUpstream;
    private final Relay toClient;

    private @Nullable ScheduledFuture<?> deadline;
    private int timeouts;
    private long flushedSoFar;

    /**
     * Joins two legs; {@link #start} begins.
     *
     * @param number tells this session from others in the log
     * @param route the label of its route
     * @param endpoint what the log calls the upstream leg's other end
     * @param onEnd called once, when both connections are closed
     */
    public Session(
            long number,
            String route,
            Object endpoint,
            Leg client,
            Leg upstream,
            LoopTraffic traffic,
            Consumer<? super Session> onEnd) {
        this.number = number;
        this.route = route;
        this.endpoint = endpoint;
        this.client = client;
        this.upstream = upstream;
        this.traffic = traffic;
        this.onEnd = onEnd;
        this.toUpstream = new Relay(this, client, upstream, traffic.flow(Direction.TO_UPSTREAM));
        this.toClient = new Relay(this, upstream, client, traffic.flow(Direction.TO_CLIENT));
    }

    /** Starts relaying; both legs are in their pipelines and have kept what they received so far. */
    public void start() {
        traffic.opened();
        log.debug("{}: open", this);
        client.listener(this);
        upstream.listener(this);
        upstream.receive().subscribe(toClient);
        client.receive().subscribe(toUpstream);
    }

    /** Closes both legs with {@code status}. */
    public void end(CloseStatus status) {
        EventLoop loop = client.channel().eventLoop();
        if (loop.inEventLoop()) {
            log.debug("{}: closing with {}", this, status);
            client.sendClose(status);
            upstream.sendClose(status);
            closing();
        } else {
            loop.execute(() -> end(status));
        }
    }

    /** Closes both connections at once, without waiting for the peers. */
    public void cut() {
        client.channel().eventLoop().execute(() -> {
            client.closeNow();
            upstream.closeNow();
        });
    }

    /** A Close frame came from one leg and was written to the other. */
    void closeRelayed(Leg from, Leg to) {
        if (log.isDebugEnabled()) {
            log.debug("{}: {} sent Close {}", this, nameOf(from), from.receivedClose());
        }
        closing();
        finishIfDone(from);
        finishIfDone(to);
    }

    /** A leg's frames ended without a Close frame. */
    void failed(Leg from, Leg to, Throwable failure) {
        report(from, failure);
        if (failure instanceof ProtocolViolation violation) {
            from.sendClose(violation.status());
            from.finishAfterPeer();
        }
        CloseStatus asked = to.receivedClose();
        // A leg that asked to close has its answer, even if the other one just went instead of giving it.
        to.sendClose(asked == null ? statusAfter(from, failure) : asked);
        closing();
        finishIfDone(to);
    }

    @Override
    public void writable(Leg leg) {
        (leg == client ? toClient : toUpstream).proceed();
    }

    @Override
    public void inputEnded(Leg leg) {
        finishIfDone(leg);
    }

    @Override
    public void broken(Leg leg, Throwable failure) {
        log.error("{}: internal error on the {} leg", this, nameOf(leg), failure);
        end(new CloseStatus(CloseStatus.INTERNAL_ERROR, "internal error"));
    }

    @Override
    public void closed(Leg leg) {
        Leg other = leg == client ? upstream : client;
        if (other.isClosed()) {
            over();
            return;
        }
        closing();
        CloseStatus asked = other.receivedClose();
        // While frames of the closed leg still wait to be passed on, they, and what they end with, come first.
        if (asked != null && leg.isHandedOut()) {
            other.sendClose(asked);
            finishIfDone(other);
        }
    }

    @Override
    public String toString() {
        return "session " + number + " route " + route + " client "
                + client.channel().remoteAddress() + " upstream " + endpoint;
    }

    private void report(Leg leg, Throwable failure) {
        if (deadline != null) {
            log.debug("{}: {} while closing: {}", this, nameOf(leg), failure.getMessage());
        } else if (leg == upstream) {
            boolean violation = failure instanceof ProtocolViolation;
            log.warn("{}: upstream {}: {}", this, violation ? "broke the protocol" : "lost", failure.getMessage());
        } else if (failure instanceof ProtocolViolation) {
            log.info("{}: client broke the protocol: {}", this, failure.getMessage());
        } else {
            log.debug("{}: client lost: {}", this, failure.getMessage());
        }
    }

    private CloseStatus statusAfter(Leg failed, Throwable failure) {
        if (failed == client) {
            return new CloseStatus(CloseStatus.GOING_AWAY, "client gone");
        }
        if (failure instanceof ProtocolViolation violation) {
            return violation.closeCode() == CloseStatus.TOO_BIG
                    ? new CloseStatus(CloseStatus.TOO_BIG, "upstream sent a " + failure.getMessage())
                    : new CloseStatus(CloseStatus.BAD_GATEWAY, "upstream broke the protocol");
        }
        return new CloseStatus(CloseStatus.BAD_GATEWAY, "upstream lost");
    }

    /**
     * Closes a connection that has had its closing handshake. The upstream, being the server there, is left to close first
     * (RFC 6455, section 7.1.1), which also keeps the TIME_WAIT off the gateway's ports.
     */
    private void finishIfDone(Leg leg) {
        if (leg.sentClose() != null && (leg.isInputEnded() || (leg == client && leg.receivedClose() != null))) {
            leg.finish();
        }
    }

    private void closing() {
        toUpstream.proceed();
        toClient.proceed();
        if (deadline == null && !(client.isClosed() && upstream.isClosed())) {
            waitForPeers();
        }
    }

    private void waitForPeers() {
        flushedSoFar = client.flushedBytes() + upstream.flushedBytes();
        deadline = client.channel().eventLoop().schedule(this::expired, CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void expired() {
        boolean progress = client.flushedBytes() + upstream.flushedBytes() > flushedSoFar;
        timeouts++;
        boolean inTime = CLOSE_TIMEOUT.multipliedBy(timeouts + 1L).compareTo(CLOSE_LIMIT) <= 0;
        if (inTime && progress && (isDelivering(upstream, client) || isDelivering(client, upstream))) {
            // Somebody reads slowly what was sent before the end.
            waitForPeers();
            return;
        }
        log.debug("{}: no answer to Close within {} s", this, CLOSE_TIMEOUT.toSeconds());
        giveUp(client);
        giveUp(upstream);
    }

    /** Whether {@code to} is still taking what came before the end of {@code from}, with nothing more to follow. */
    private static boolean isDelivering(Leg from, Leg to) {
        return to.isPending() && (to.sentClose() != null || from.isClosed());
    }

    private static void giveUp(Leg leg) {
        CloseStatus asked = leg.receivedClose();
        if (asked != null) {
            leg.sendClose(asked);
        }
        leg.closeNow();
    }

    private void over() {
        if (deadline != null) {
            deadline.cancel(false);
        }
        // Neither leg takes anything now: what a relay still waits to pass on is dropped.
        toUpstream.proceed();
        toClient.proceed();
        traffic.ended();
        log.debug("{}: over", this);
        onEnd.accept(this);
    }

    private String nameOf(Leg leg) {
        return leg == client ? "client" : "upstream";
    }
}
