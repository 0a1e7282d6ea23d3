package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.breaker.BreakerSnapshot;
import io.tidegate.breaker.BreakerState;
import io.tidegate.breaker.Permit;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.upstream.balance.Candidate;
import io.tidegate.server.upstream.dial.Dialler;
import io.tidegate.server.upstream.dns.Names;
import io.tidegate.server.upstream.health.EndpointChecks;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * One upstream address: what is known of it, and who is connected.
 *
 * <p>Its breaker judges dials and handshakes, legs that die within {@link #EARLY}, and those that don't answer pings; how a
 * session ends otherwise is none of the endpoint's fault. A refusal is an answer, and a failure only if the status says that
 * the server is in trouble (500 and above). What may as well be the client's doing doesn't open the breaker if the endpoint
 * treats a connection of the gateway's own better ({@code docs/adr/0013}).
 *
 * <p><b>Threads:</b> any; never blocks.
 */
public final class Endpoint implements Candidate {

    /** A leg that is lost within this time counts against its endpoint: 1 second. */
    public static final Duration EARLY = Duration.ofSeconds(1);

    private final EndpointConfig endpoint;
    private final URI uri;
    private final String label;
    private final @Nullable InetAddress address;
    private final Listener listener;
    private final Dialler dialler;
    private final EndpointBreaker breaker;
    private final EndpointChecks checks;

    private final AtomicInteger connections = new AtomicInteger();
    private final Set<UpstreamLeg> movable = ConcurrentHashMap.newKeySet();
    private final Set<UpstreamLeg> leaving = ConcurrentHashMap.newKeySet();
    private final LongAdder dials = new LongAdder();
    private volatile boolean failing;
    private volatile boolean drained;
    private volatile boolean vanished;

    /** Who wants to know of what changes. Called on any thread; must not block. */
    interface Listener {

        /** A dial may be let in that wasn't before. */
        default void mayBeTried(Endpoint endpoint) {}

        /** Its breaker let it in again, or its health check did, or an operator. */
        default void returned(Endpoint endpoint) {}

        /** One of its legs was lost. */
        default void lost(Endpoint endpoint) {}

        /** One more leg could be moved. */
        default void movable(UpstreamLeg leg) {}

        /** One of its legs was to move elsewhere and couldn't: perhaps another one can. */
        default void uneven(Endpoint endpoint) {}

        /** Such a leg may be moved again. */
        default void movableAgain(UpstreamLeg leg) {}

        /** DNS has it no more, and its last connection is over. */
        default void emptied(Endpoint endpoint) {}
    }

    /** @param address of the URI's host; {@code null} to have it looked up with each dial */
    Endpoint(
            String upstream,
            EndpointConfig endpoint,
            @Nullable InetAddress address,
            UpstreamConfig config,
            LoopResources loops,
            EventLoop home,
            Listener listener) {
        this.endpoint = endpoint;
        this.uri = endpoint.uri();
        this.address = address;
        this.listener = listener;
        // With the address also while a name has only one: a series should not change its name when there are more.
        this.label = address == null || Names.addressIn(uri.getHost()) != null
                ? uri.toString()
                : uri + " (" + address.getHostAddress() + ')';
        this.dialler = new Dialler(uri, address, config.connectTimeout(), loops);
        this.breaker = new EndpointBreaker(
                upstream, this, config.breaker(), home, this::breakerIs, () -> listener.mayBeTried(this));
        this.checks = new EndpointChecks(upstream, id(), uri, dialler, breaker.breaker(), config, home, new Findings());
    }

    /** Starts its checks. */
    void start() {
        checks.start();
    }

    /** Ends its checks. */
    void stop() {
        checks.stop();
    }

    URI uri() {
        return uri;
    }

    // as a candidate

    @Override
    public String id() {
        return address == null ? uri.toString() : uri + " " + address.getHostAddress();
    }

    @Override
    public int weight() {
        return endpoint.weight();
    }

    @Override
    public int connections() {
        return connections.get();
    }

    /** Whether it may have new legs as far as operators and DNS are concerned. */
    boolean isOffered() {
        return !drained && !vanished;
    }

    /** Whether a dial makes sense: it is offered, and its breaker isn't open. */
    boolean mayBeTried() {
        return isOffered() && breaker.state() != BreakerState.OPEN;
    }

    /** Whether its health checks fail. */
    public boolean isFailing() {
        return failing;
    }

    /** Leave to dial it once; {@code null} when its breaker lets nobody in. */
    @Nullable
    Attempt tryAcquire(String key) {
        Permit permit = breaker.tryAcquire();
        return permit == null ? null : new Attempt(this, dialler, breaker, permit, key);
    }

    // dials

    /** Somebody has it as the next one to dial, or a leg of it. */
    void connected() {
        connections.incrementAndGet();
    }

    /** That is over. */
    void disconnected() {
        if (connections.decrementAndGet() == 0 && vanished) {
            listener.emptied(this);
        }
    }

    /** A dial begins. */
    void dialled() {
        dials.increment();
    }

    /** It did what a session wants of it. */
    void answered() {
        checks.answered();
    }

    /** Whether it grants a handshake in which nothing is a client's own; see {@link EndpointChecks#grants}. */
    Mono<Boolean> grants(String entrance) {
        return checks.grants(entrance);
    }

    // legs

    void ended(UpstreamLeg leg, LegEnd how, long ageNanos) {
        disconnected();
        settled(leg);
        if (how == LegEnd.LOST) {
            listener.lost(this);
        }
        Consumer<Boolean> judged = null;
        if (how == LegEnd.UNRESPONSIVE) {
            judged = breaker.fail("a leg did not answer pings", ageNanos);
        } else if (how == LegEnd.LOST && ageNanos < EARLY.toNanos()) {
            judged = breaker.fail("a leg was lost within " + EARLY.toSeconds() + " s", ageNanos);
        }
        if (judged != null) {
            checks.legFailed(leg.entrance(), judged);
        }
    }

    void movable(UpstreamLeg leg) {
        movable.add(leg);
        listener.movable(leg);
    }

    /** A leg was asked to go and couldn't. */
    void couldNotMove(UpstreamLeg leg) {
        leaving.remove(leg);
        listener.uneven(this);
    }

    /** Such a leg may be asked again. */
    void movableAgain(UpstreamLeg leg) {
        movable.add(leg);
        listener.movableAgain(leg);
    }

    /** Whether it could be moved, and wasn't asked to yet. */
    boolean isMovable(UpstreamLeg leg) {
        return movable.contains(leg);
    }

    /** A leg is over. */
    void settled(UpstreamLeg leg) {
        movable.remove(leg);
        leaving.remove(leg);
    }

    /** A leg is asked to go; whether it didn't go by itself already. */
    boolean leaves(UpstreamLeg leg) {
        leaving.add(leg);
        if (movable.remove(leg)) {
            return true;
        }
        leaving.remove(leg);
        return false;
    }

    /** Connections but for those that are asked to go, and will be over soon. */
    int staying() {
        return connections.get() - leaving.size();
    }

    /** Legs whose sessions can do with another one. */
    Collection<UpstreamLeg> movable() {
        return Collections.unmodifiableSet(movable);
    }

    // what others find out

    /** Has it looked at, as a leg was lost. */
    void look() {
        checks.legLost();
    }

    /** Whether an operator took it out. */
    public boolean isDrained() {
        return drained;
    }

    void drained(boolean value) {
        boolean offered = isOffered();
        drained = value;
        offeredAfter(offered);
    }

    void vanished(boolean value) {
        boolean offered = isOffered();
        vanished = value;
        offeredAfter(offered);
    }

    /** Whether DNS has its address no more: it is emptied, and then forgotten. */
    public boolean isVanished() {
        return vanished;
    }

    @Nullable
    InetAddress address() {
        return address;
    }

    /** Whether it is an address of {@code config}. */
    boolean isOf(EndpointConfig config) {
        return endpoint.equals(config);
    }

    // what operators say

    /** Lets no dial in until it is told otherwise; legs that are up stay. */
    public void forceOpen() {
        breaker.forceOpen();
    }

    /** Lets every dial in, whatever fails, until it is told otherwise. */
    public void forceClosed() {
        breaker.breaker().forceClosed();
    }

    /** Lets its breaker decide again. */
    public void automatic() {
        breaker.breaker().automatic();
    }

    // what to tell about it

    /** What its URI has between {@code //} and the path, such as {@code 127.0.0.1:9001}. */
    public String hostAndPort() {
        return uri.getAuthority();
    }

    /** What its breaker does with dials. */
    public BreakerState breakerState() {
        return breaker.state();
    }

    /** What its breaker is now, and until when. */
    public BreakerSnapshot breakerSnapshot() {
        return breaker.snapshot();
    }

    /** What made its breaker open last. */
    public String lastFailure() {
        return breaker.lastFailure();
    }

    /** How often its breaker went to {@code state}. */
    public long transitionsTo(BreakerState state) {
        return breaker.transitionsTo(state);
    }

    /** Dials so far; checks aren't any. */
    public long dials() {
        return dials.sum();
    }

    /** Why it gets no dials; {@code null} when it may. */
    @Nullable
    String unavailability() {
        if (vanished) {
            return this + ": not in DNS any more";
        } else if (drained) {
            return this + ": drained";
        }
        String why = breaker.unavailability();
        return why == null ? null : this + ": " + why;
    }

    @Override
    public String toString() {
        return label;
    }

    private void breakerIs(BreakerState state) {
        checks.breakerIs(state);
        if (state != BreakerState.OPEN) {
            listener.mayBeTried(this);
        }
        if (state == BreakerState.CLOSED) {
            listener.returned(this);
        }
    }

    private void offeredAfter(boolean before) {
        if (isOffered() && !before) {
            listener.mayBeTried(this);
            listener.returned(this);
        }
    }

    private final class Findings implements EndpointChecks.Listener {

        @Override
        public void isHealthy(boolean healthy) {
            failing = !healthy;
            if (healthy) {
                listener.mayBeTried(Endpoint.this);
                listener.returned(Endpoint.this);
            }
        }

        @Override
        public void isBack() {
            listener.returned(Endpoint.this);
        }
    }
}
