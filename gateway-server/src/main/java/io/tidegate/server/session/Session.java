package io.tidegate.server.session;

import io.netty.channel.EventLoop;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.DataFrames;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.frame.Sender;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.Departure;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.leg.LegLostException;
import io.tidegate.server.log.Kind;
import io.tidegate.server.log.Printable;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.Timing;
import io.tidegate.server.upstream.Attempt;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.LegEnd;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client leg and the upstream legs that serve it one after another, from the client's 101 until all connections are
 * closed.
 *
 * <p>Which ends of an upstream leg are only the leg's, and lead to another one, the route's {@link Terms} say; all others end
 * the session. Then, who ends it decides what the other side is told: a Close frame passes on as it is; a client that vanished
 * or broke the rules is reported upstream as 1001; an upstream that vanished or broke the rules is reported to the client as
 * 1014 (or what the route has instead), one that sent too much as 1009; a fault of the gateway's own is 1011 to both. However
 * it ends, both connections are closed {@link #CLOSE_TIMEOUT} later, or, while a peer still takes what was sent before the
 * end, {@link #CLOSE_LIMIT} later at most.
 *
 * <p><b>Threads:</b> the event loop that all legs live on; {@link #end}, {@link #leave}, {@link #cut}, {@link #state}, {@link #traceId},
 * {@link #accounting} and {@link #view} may be called from any.
 */
public final class Session implements Leg.Listener {

    /** How long a closing session waits for the peers' part of the closing handshake: 5 seconds. */
    public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** How long a closing session lasts at most: one minute. */
    public static final Duration CLOSE_LIMIT = Duration.ofMinutes(1);

    private static final int MOVE_AGAIN_SECONDS = 5;
    /** How long after a look the next one comes, at first; how often that doubles; and the longest. */
    private static final int LOOK_MILLIS = 10;

    private static final int LOOK_DOUBLES = 5;
    private static final int MOST_LOOK_MILLIS = 250;
    private static final CloseStatus NOT_NEEDED = new CloseStatus(CloseStatus.GOING_AWAY, "not needed");

    private final Lifecycle life;
    private final SessionLog log;
    private final Terms terms;
    private final ContinuityConfig continuity;
    private final Leg client;
    private final LoopTraffic traffic;
    private final Consumer<? super Session> onEnd;
    private final Relay toUpstream;
    private final @Nullable Uplink uplink;
    private final @Nullable Reconnects reconnects;
    private final Farewell farewell;
    private final Pulse pulse = new Pulse();
    private final String upstreamName;

    private volatile UpstreamLeg serving;
    /** The leg that serves now; null while there is none. */
    private volatile @Nullable Leg upstream;

    private volatile @Nullable Relay toClient;
    private @Nullable Downlink received;
    private @Nullable Pings pings;
    private @Nullable Handover handover;
    private @Nullable Ending ending;
    private boolean leaving;
    private boolean cutOff;

    /**
     * Joins two legs; {@link #start} begins.
     *
     * @param onEnd called once, when all connections are closed
     */
    public Session(
            Lifecycle life,
            Terms terms,
            Upstream upstreams,
            Call call,
            Leg client,
            UpstreamLeg first,
            LoopTraffic traffic,
            Consumer<? super Session> onEnd) {
        this.life = life;
        this.log = life.log();
        this.terms = terms;
        this.continuity = terms.config().continuity();
        this.client = client;
        this.serving = first;
        this.traffic = traffic;
        this.onEnd = onEnd;
        this.farewell = new Farewell(this, client);
        this.upstreamName = upstreams.name();
        boolean passes = !terms.reconnects() && !terms.inspects();
        this.uplink = passes ? null : new Uplink(this, terms, client, traffic);
        this.reconnects = terms.reconnects() ? new Reconnects(this, continuity, upstreams, call, traffic) : null;
        Sink sink = uplink == null ? new Passage(first.leg(), traffic.flow(Direction.TO_UPSTREAM)) : uplink;
        this.toUpstream = new Relay(this, client, sink, Direction.TO_UPSTREAM);
    }

    /** Starts relaying; both legs are in their pipelines and have kept what they received so far. */
    public void start() {
        traffic.opened();
        client.listener(this);
        attach(serving);
        client.receive().subscribe(toUpstream);
    }

    /** Closes both legs with {@code status}; what waits for the upstream leg goes first, if there is one. */
    public void end(CloseStatus status) {
        EventLoop loop = loop();
        if (!loop.inEventLoop()) {
            loop.execute(() -> end(status));
            return;
        }
        if (life.is(SessionState.CLOSED)) {
            return;
        }
        cutOff |= !client.sendClose(status);
        finishUpstream(status, Departure.CLOSED);
        closing(Initiator.GATEWAY, status, status);
    }

    /**
     * Closes both legs with {@code status} as soon as nothing is lost by it: what waits for the upstream leg is delivered and
     * confirmed, requests have their reply, and no message to the client is half through. What the client says until it
     * answers the Close still goes to its upstream.
     *
     * <p>Meanwhile nothing is read from the client, a second at a time; in between it is read for as long, as what is waited for
     * may need its answer.
     */
    public void leave(CloseStatus status) {
        loop().execute(() -> {
            if (!leaving && !isClosing()) {
                leaving = true;
                leaveOnceQuiet(status, System.nanoTime(), 0);
            }
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it finds out by itself whether it is still of use
    private void leaveOnceQuiet(CloseStatus status, long sinceNanos, int looks) {
        if (isClosing()) {
            return;
        }
        if (client.isInsideMessage() || (uplink != null && !uplink.isQuiet())) {
            if (uplink != null) {
                uplink.hold(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - sinceNanos) % 2 == 0);
            }
            int wait = Math.min(LOOK_MILLIS << Math.min(looks, LOOK_DOUBLES), MOST_LOOK_MILLIS);
            loop().schedule(() -> leaveOnceQuiet(status, sinceNanos, looks + 1), wait, TimeUnit.MILLISECONDS);
        } else if (upstream == null) {
            end(status);
        } else {
            // First the leg that is to hear what the client still says.
            endMove();
            if (!isClosing()) {
                client.sendClose(status);
                // Ends the hold, too: what was held back comes behind the Close.
                closing(Initiator.GATEWAY, status, status);
            }
        }
    }

    /** Closes all connections at once, without waiting for the peers. */
    public void cut() {
        loop().execute(() -> {
            cutOff |= !client.isClosed();
            client.closeNow();
            if (upstream != null) {
                upstream.closeNow();
            }
        });
    }

    /** Whether it was the gateway that wanted its end; on its event loop. */
    public boolean isEndedByGateway() {
        return ending != null && ending.initiator() == Initiator.GATEWAY;
    }

    /** Whether its client was cut off, without its part of the closing handshake; on its event loop. */
    public boolean isCutOff() {
        return cutOff;
    }

    /** Where it is in its life. */
    public SessionState state() {
        return life.state();
    }

    /** The trace that its client's request belongs to; {@code null} if it told of none. */
    public @Nullable String traceId() {
        return life.traceId();
    }

    /** What became of the client's messages; nothing on a route that only passes them. */
    public Accounting accounting() {
        return uplink == null ? Accounting.NOTHING : uplink.accounting();
    }

    /** What an operator may want to know of it. */
    public SessionView view() {
        long now = System.nanoTime();
        Leg leg = upstream;
        Relay relay = toClient;
        return new SessionView(
                new SessionView.Who(
                        log.number(),
                        log.route(),
                        upstreamName,
                        leg == null ? null : serving.endpoint().toString(),
                        Printable.of(client.channel().remoteAddress()),
                        life.traceId()),
                life.state(),
                new SessionView.Activity(
                        pulse.ageNanos(now),
                        pulse.idleNanos(now),
                        pulse.messages(Direction.TO_UPSTREAM),
                        pulse.messages(Direction.TO_CLIENT),
                        Math.max(client.meanFlushNanos(), leg == null ? 0 : leg.meanFlushNanos())),
                new SessionView.Backlog(
                        uplink == null ? 0 : uplink.messages(),
                        uplink == null ? 0 : uplink.bytes(),
                        client.pendingBytes(),
                        leg == null ? 0 : leg.pendingBytes(),
                        relay != null && relay.isHeldBack(),
                        toUpstream.isHeldBack()));
    }

    /** What it does, to be told of it. */
    Pulse pulse() {
        return pulse;
    }

    /** A Close frame came from a leg. */
    void closeReceived(Leg from) {
        CloseStatus status = from.receivedClose();
        if (life.is(SessionState.CLOSED)) {
            return;
        }
        if (from == client) {
            endMove();
            if (upstream == null) {
                client.sendClose(status == null ? CloseStatus.EMPTY : status);
                finishUpstream(CloseStatus.EMPTY, Departure.CANCELLED);
            } else if (uplink != null && uplink.isClosed()) {
                upstream.sendClose(status == null ? CloseStatus.EMPTY : status);
            }
            closing(Initiator.CLIENT, status, "client sent Close");
            finishIfDone(client);
            finishIfDone(upstream);
        } else if (from == upstream) {
            if (isMovedFrom()) {
                handOver();
            } else if (status != null && meansLost(status)) {
                lost("Close " + status, LegEnd.LOST);
            } else {
                if (uplink != null) {
                    if (client.receivedClose() != null && upstream.sentClose() != null) {
                        uplink.closeAnswered();
                    }
                    uplink.upstreamClosed();
                }
                closing(Initiator.UPSTREAM, status, "upstream sent Close");
                finishIfDone(upstream);
                finishIfDone(client);
            }
        }
    }

    /** A leg's frames ended without a Close frame. */
    void failed(Leg from, Throwable failure) {
        if ((from != client && from != upstream) || life.is(SessionState.CLOSED)) {
            return;
        }
        boolean fromClient = from == client;
        if (!fromClient && failure instanceof LegLostException && mayReconnect()) {
            lost(String.valueOf(failure.getMessage()), LegEnd.LOST);
            return;
        }
        report(fromClient, failure);
        if (!fromClient && failure instanceof LegLostException && !life.is(SessionState.CLOSING)) {
            // Whatever the client still does: a leg that breaks the rules is none that was lost.
            serving.over(LegEnd.LOST);
        }
        CloseStatus end = fromClient ? Ending.VANISHED : statusAfter(failure);
        Initiator initiator = fromClient ? Initiator.CLIENT : Initiator.GATEWAY;
        if (failure instanceof ProtocolViolation violation) {
            from.sendClose(violation.status());
            from.finishAfterPeer();
            end = fromClient ? violation.status() : end;
            initiator = Initiator.GATEWAY;
        }
        if (fromClient) {
            CloseStatus asked = upstream == null ? null : upstream.receivedClose();
            finishUpstream(
                    asked == null ? new CloseStatus(CloseStatus.GOING_AWAY, "client gone") : asked,
                    Departure.CANCELLED);
        } else {
            CloseStatus asked = client.receivedClose();
            if (asked != null) {
                initiator = Initiator.CLIENT;
                end = asked;
            }
            // A client that asked to close has its answer, even if the upstream just went instead of giving it.
            client.sendClose(end);
            if (uplink != null) {
                uplink.close(Departure.UNDELIVERABLE);
            }
        }
        closing(initiator, end, String.valueOf(failure.getMessage()));
        finishIfDone(fromClient && upstream != null ? upstream : client);
    }

    /** The client sent a message that can't be what it says. */
    void clientViolated(ProtocolViolation violation) {
        failed(client, violation);
    }

    /** The upstream sent a message that can't be let pass. */
    void upstreamViolated(ProtocolViolation violation) {
        Leg leg = upstream;
        if (leg != null) {
            failed(leg, violation);
        }
    }

    /** Whether an upstream's Close only means that its leg is lost. */
    boolean meansLost(CloseStatus status) {
        return mayReconnect() && (isMovedFrom() || continuity.lostCodes().contains(status.code()));
    }

    /** Whether the leg that serves has got its Close, and another one takes over when it has answered. */
    private boolean isMovedFrom() {
        return handover != null && upstream != null && !upstream.isOpen();
    }

    /** The client, or the gateway, ends the session: by the leg that can still take what comes before the end. */
    void endMove() {
        if (isMovedFrom()) {
            handOver();
        } else {
            cancelMove();
        }
    }

    private void cancelMove() {
        Handover underWay = handover;
        if (underWay != null) {
            handover = null;
            underWay.cancel();
            underWay.next().abandon(NOT_NEEDED);
            if (uplink != null) {
                uplink.stay();
            }
        }
    }

    /** Sends the client a text message of the gateway's own. */
    void tellClient(byte[] utf8) {
        if (client.isOpen()) {
            client.send(DataFrames.text(client.channel().alloc(), Sender.SERVER, utf8));
            client.flush();
        }
    }

    /** What the client sends may be asked for again. */
    void resume() {
        toUpstream.proceed();
    }

    /** Whoever was to close has had the time for it. */
    void noAnswer() {
        cutOff |= !client.isClosed();
        log.debug(serving.endpoint(), "no answer to Close", "within " + CLOSE_TIMEOUT.toSeconds() + " s");
    }

    /** Another leg takes over after a loss. */
    void reconnected(UpstreamLeg next, long afterMillis) {
        log.reconnected(next.endpoint(), afterMillis);
        replace(next);
    }

    /** There will be no other leg. */
    void givenUp(String why) {
        log.report(Kind.GIVEN_UP, serving.endpoint(), why);
        // First, since requests that fail by it are reported to the client.
        finishUpstream(CloseStatus.EMPTY, Departure.UNDELIVERABLE);
        CloseStatus status = new CloseStatus(continuity.upstreamLostCode(), why);
        client.sendClose(status);
        closing(Initiator.GATEWAY, status, why);
    }

    /** The upstream leg should be another one, of another endpoint; it works as yet. */
    private void move(UpstreamLeg leg, Attempt other) {
        loop().execute(() -> {
            if (reconnects != null && leg == serving && life.is(SessionState.RELAYING) && handover == null) {
                reconnects.move(other);
            } else {
                other.giveBack();
            }
        });
    }

    /** The leg to move to is there. */
    void moveTo(UpstreamLeg next) {
        Leg old = upstream;
        if (uplink == null || pings == null || old == null || !life.is(SessionState.RELAYING)) {
            next.abandon(NOT_NEEDED);
            serving.couldNotMove();
            moveLater();
            return;
        }
        handover = new Handover(this, uplink, old, pings, next);
    }

    /** There is no leg to move to. */
    void moveFailed(Endpoint to, Throwable failure) {
        log.debug(to, "not moved there", failure.getMessage());
        serving.couldNotMove(to, failure);
        moveLater();
    }

    /** The leg stays movable, but not at once: what was in the way may be so for a while. */
    @SuppressWarnings("FutureReturnValueIgnored") // it finds out by itself whether it is still of use
    private void moveLater() {
        UpstreamLeg leg = serving;
        loop().schedule(
                        () -> {
                            if (leg == serving && handover == null && life.is(SessionState.RELAYING)) {
                                leg.canMoveAgain();
                            }
                        },
                        MOVE_AGAIN_SECONDS,
                        TimeUnit.SECONDS);
    }

    /** Whether the client wasn't read at some time since then, as the upstream or the queue took no more. */
    boolean wasClientHeldBackSince(long nanos) {
        return toUpstream.wasHeldBackSince(nanos);
    }

    /** Whether the client is slow to take what its upstream says. */
    boolean isHeldBack() {
        return toClient != null && toClient.isHeldBack();
    }

    /** The old leg has said all it had to say. */
    void handOver() {
        Handover done = handover;
        if (done == null) {
            return;
        }
        UpstreamLeg old = serving;
        release(LegEnd.ENDED, CloseStatus.EMPTY);
        log.moved(old.endpoint(), done.next().endpoint());
        if (uplink != null) {
            uplink.down();
        }
        if (reconnects != null) {
            reconnects.moved();
        }
        replace(done.next());
    }

    @Override
    public void writable(Leg leg) {
        if (leg == client) {
            if (uplink != null) {
                uplink.clientWritable();
            }
            if (toClient != null) {
                toClient.proceed();
            }
        } else if (uplink != null) {
            uplink.proceed();
        } else {
            toUpstream.proceed();
        }
    }

    @Override
    public void inputEnded(Leg leg) {
        finishIfDone(leg);
    }

    @Override
    public void broken(Leg leg, Throwable failure) {
        log.broken(serving.endpoint(), leg == client ? "client" : "upstream", failure);
        end(new CloseStatus(CloseStatus.INTERNAL_ERROR, "internal error"));
    }

    @Override
    public void closed(Leg leg) {
        if (leg != client && leg != upstream) {
            return;
        }
        Leg other = leg == client ? upstream : client;
        if (other == null || other.isClosed()) {
            over();
            return;
        }
        if (leg == upstream && mayReconnect() && !leg.isHandedOut()) {
            // The client is slow to take what came before. When that is handed out, the leg is lost.
            return;
        }
        CloseStatus said = leg.receivedClose();
        CloseStatus clientSaid = client.receivedClose();
        if (leg == client || clientSaid != null) {
            closing(Initiator.CLIENT, clientSaid == null ? Ending.VANISHED : clientSaid, "connection closed");
        } else if (said == null) {
            closing(Initiator.GATEWAY, new CloseStatus(continuity.upstreamLostCode(), ""), "connection closed");
        } else {
            closing(Initiator.UPSTREAM, said, "connection closed");
        }
        CloseStatus asked = other.receivedClose();
        // While frames of the closed leg still wait to be passed on, they, and what they end with, come first.
        if (asked != null && leg.isHandedOut()) {
            other.sendClose(asked);
            finishIfDone(other);
        }
    }

    @Override
    public String toString() {
        return log + " upstream " + serving.endpoint();
    }

    EventLoop loop() {
        return client.channel().eventLoop();
    }

    Lifecycle life() {
        return life;
    }

    @Nullable
    Leg upstream() {
        return upstream;
    }

    /** What the two relays still wait to pass on goes on, or is dropped. */
    void proceed() {
        if (uplink != null) {
            uplink.proceed();
        }
        toUpstream.proceed();
        if (toClient != null) {
            toClient.proceed();
        }
    }

    private boolean mayReconnect() {
        // A Close that still stands behind what nobody has asked for is none yet.
        boolean asked = client.receivedClose() != null && client.isHandedOut();
        return reconnects != null && !asked && client.isOpen() && !isClosing();
    }

    /** Whether the end is settled. */
    boolean isClosing() {
        return life.is(SessionState.CLOSING) || life.is(SessionState.CLOSED);
    }

    /** Tells the client, if it is to be told, before it hears anything of the new leg. */
    private void replace(UpstreamLeg next) {
        String note = continuity.onReplaced();
        if (note != null) {
            tellClient(note.getBytes(StandardCharsets.UTF_8));
        }
        if (isClosing()) {
            // What the client was told made it go.
            next.abandon(NOT_NEEDED);
        } else {
            attach(next);
        }
    }

    private void attach(UpstreamLeg next) {
        serving = next;
        Leg leg = next.leg();
        upstream = leg;
        LoopTraffic.Flow flow = traffic.flow(Direction.TO_CLIENT);
        life.to(SessionState.RELAYING, next.endpoint());
        if (reconnects != null) {
            reconnects.attached();
        }
        leg.listener(this);
        if (uplink == null) {
            toClient = new Relay(this, leg, new Passage(client, flow), Direction.TO_CLIENT);
        } else {
            Downlink downlink = new Downlink(this, terms, client, uplink, flow);
            Relay relay = new Relay(this, leg, downlink, Direction.TO_CLIENT);
            received = downlink;
            toClient = relay;
            if (reconnects != null) {
                Pings ofLeg = new Pings(
                        terms.config().ping(),
                        leg,
                        relay,
                        uplink::confirmed,
                        this::unresponsive,
                        nanos -> traffic.took(Timing.UPSTREAM_PING, nanos));
                pings = ofLeg;
                downlink.pings(ofLeg);
                ofLeg.start();
                next.onMove(other -> move(next, other));
            }
            uplink.up(leg, pings);
        }
        leg.receive().subscribe(toClient);
    }

    private void lost(String why, LegEnd how) {
        UpstreamLeg lost = serving;
        Leg leg = lost.leg();
        Handover underWay = handover;
        CloseStatus asked = leg.receivedClose();
        log.report(Kind.LEG_LOST, lost.endpoint(), why);
        release(how, asked == null ? CloseStatus.EMPTY : asked);
        if (uplink != null) {
            uplink.down();
        }
        if (underWay != null) {
            if (reconnects != null) {
                reconnects.moved();
            }
            replace(underWay.next());
        } else if (reconnects != null && mayReconnect()) {
            life.to(SessionState.RECONNECTING, why);
            reconnects.begin(lost, received != null && received.hasHeard());
            proceed();
        }
    }

    private void unresponsive() {
        Leg leg = upstream;
        if (leg == null || isClosing()) {
            return;
        }
        String why = "it does not answer pings (RFC 6455, section 5.5.2): no sign of life within "
                + terms.config().ping().timeout().toMillis() + " ms, or no Pong within " + Patience.MOST_TIMEOUTS
                + " times that";
        if (mayReconnect()) {
            lost(why, LegEnd.UNRESPONSIVE);
        } else {
            failed(leg, new LegLostException(why, null));
        }
        leg.closeNow();
    }

    /** Lets go of the upstream leg. */
    private void release(LegEnd how, CloseStatus status) {
        if (pings != null) {
            pings.stop();
            pings = null;
        }
        if (handover != null) {
            handover.cancel();
            handover = null;
        }
        Leg leg = upstream;
        upstream = null;
        toClient = null;
        serving.over(how);
        if (leg != null) {
            Retirement.begin(leg, status);
        }
    }

    /** Sends the upstream what it is still to get, and the Close behind it. */
    private void finishUpstream(CloseStatus status, Departure otherwise) {
        Leg leg = upstream;
        if (reconnects != null) {
            reconnects.stop();
        }
        if (uplink != null && leg != null) {
            uplink.finish(status);
        } else if (uplink != null) {
            uplink.close(otherwise);
        } else if (leg != null) {
            leg.sendClose(status);
        }
    }

    private void report(boolean fromClient, Throwable failure) {
        boolean violation = failure instanceof ProtocolViolation;
        Endpoint endpoint = serving.endpoint();
        String why = failure.getMessage();
        if (life.is(SessionState.CLOSING)) {
            log.debug(endpoint, fromClient ? "client while closing" : "upstream while closing", why);
        } else if (!fromClient) {
            log.report(violation ? Kind.UPSTREAM_VIOLATION : Kind.UPSTREAM_LOST, endpoint, why);
        } else if (violation) {
            log.report(Kind.CLIENT_VIOLATION, endpoint, why);
        } else {
            log.debug(endpoint, "client lost", why);
        }
    }

    /** What the client is told after its upstream failed. */
    private CloseStatus statusAfter(Throwable failure) {
        if (failure instanceof ProtocolViolation violation) {
            return violation.closeCode() == CloseStatus.TOO_BIG
                    ? new CloseStatus(CloseStatus.TOO_BIG, "upstream sent a " + failure.getMessage())
                    : new CloseStatus(continuity.upstreamLostCode(), "upstream broke the protocol");
        }
        return new CloseStatus(continuity.upstreamLostCode(), "upstream lost");
    }

    /**
     * Closes a connection that has had its closing handshake, and that of a client that left without one while there is no
     * upstream. The upstream, being the server there, is left to close first (RFC 6455, section 7.1.1), which also keeps
     * the TIME_WAIT off the gateway's ports.
     */
    void finishIfDone(@Nullable Leg leg) {
        if (leg == null) {
            return;
        }
        boolean saidAll = leg.sentClose() != null || (upstream == null && isClosing());
        if (saidAll && (leg.isInputEnded() || (leg == client && leg.receivedClose() != null))) {
            leg.finish();
        }
    }

    /** @param status what the client leg ends with */
    private void closing(Initiator initiator, @Nullable CloseStatus status, Object why) {
        if (reconnects != null) {
            reconnects.stop();
        }
        cancelMove();
        if (!isClosing()) {
            settle(Ending.by(initiator, status, why));
            life.to(SessionState.CLOSING, why);
        }
        proceed();
        if (!(client.isClosed() && (upstream == null || upstream.isClosed()))) {
            farewell.begin();
        }
        if (upstream == null && client.isClosed()) {
            over();
        }
    }

    /** The first end counts. */
    private void settle(Ending end) {
        ending = end;
        traffic.closes(end.initiator(), end.code());
    }

    private void over() {
        if (life.is(SessionState.CLOSED)) {
            return;
        }
        if (ending == null) {
            CloseStatus said = client.receivedClose();
            settle(Ending.by(Initiator.CLIENT, said == null ? Ending.VANISHED : said, "all connections are closed"));
        }
        life.to(SessionState.CLOSED, "all connections are closed");
        farewell.end();
        if (reconnects != null) {
            reconnects.stop();
        }
        cancelMove();
        if (uplink != null) {
            uplink.close(Departure.CANCELLED);
        }
        // Neither leg takes anything now: what a relay still waits to pass on is dropped.
        proceed();
        if (pings != null) {
            pings.stop();
        }
        if (upstream != null) {
            upstream = null;
            serving.over(LegEnd.ENDED);
        }
        traffic.ended();
        Ending end = ending;
        if (end != null) {
            log.ended(serving.endpoint(), end, pulse);
        }
        onEnd.accept(this);
    }
}
