package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.upstream.pace.PacedLine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Has sessions go on with legs to other endpoints, so many a second: those of an endpoint that is to have none, and as many
 * as are too many on the others when one has come back.
 *
 * <p>Whether a leg still has to move is asked when it is its turn, and it stays where it is as long as there is nowhere to go.
 *
 * <p>What an endpoint refused to a session is remembered with the session's leg: the next time another one is asked. Those who
 * were refused never hold up the line, as others may be welcome where they aren't.
 *
 * <p><b>Threads:</b> the upstream's event loop, but {@link #movable} and {@link #empty} any.
 */
final class Mover {

    /** How much more than its share an endpoint may have before it is worth the trouble, plus {@link #SPARE}. */
    private static final double TOLERANCE = 1.2;

    private static final int SPARE = 1;

    private static final long LATER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EndpointPool pool;
    private final PacedLine line;
    private final PacedLine redials;
    private final EventLoop home;
    /** Those who have to go and may not go where there is room: others, who may, needn't wait for them. Nobody stays for it. */
    private final Set<UpstreamLeg> turnedAway = Collections.newSetFromMap(new WeakHashMap<>());

    private @Nullable ScheduledFuture<?> later;

    /**
     * @param line those who are to move
     * @param redials those who have no leg
     */
    Mover(EndpointPool pool, PacedLine line, PacedLine redials, EventLoop home) {
        this.pool = pool;
        this.line = line;
        this.redials = redials;
        this.home = home;
    }

    /** A leg can be moved from now on: it has to if its endpoint is to have none. */
    void movable(UpstreamLeg leg) {
        if (!leg.endpoint().isOffered()) {
            line.enter(new Move(this, leg));
        }
    }

    /** Moves all legs of an endpoint, unless it is offered again in the meantime. */
    void empty(Endpoint endpoint) {
        endpoint.movable().forEach(this::movable);
    }

    /** A leg that could not be moved can be again. */
    void movableAgain(UpstreamLeg leg) {
        if (goesByLoad(leg.endpoint())) {
            rebalanceLater();
        } else {
            line.enter(new Move(this, leg));
        }
    }

    /** Who was asked to leave an endpoint could not: another one may in its stead, unless keys say who belongs where. */
    void uneven(Endpoint endpoint) {
        if (goesByLoad(endpoint)) {
            rebalanceLater();
        }
    }

    /** Whether it only matters how many of an endpoint's legs move, and not which. */
    private boolean goesByLoad(Endpoint endpoint) {
        return endpoint.isOffered() && !pool.isHashed();
    }

    /** There is an endpoint that may be tried: somebody may be held, or turned away, who can go there. */
    void mayGo() {
        List<UpstreamLeg> again = List.copyOf(turnedAway);
        turnedAway.clear();
        again.forEach(this::movable);
        line.wake();
    }

    /** Evens out what has become uneven, once those who have no leg have found one: they may do it already. */
    void rebalance() {
        if (later != null) {
            later.cancel(false);
            later = null;
        }
        if (redials.size() > 0) {
            rebalanceLater();
            return;
        }
        List<Endpoint> usable = pool.usable();
        for (Endpoint endpoint : usable) {
            if (pool.isHashed()) {
                endpoint.movable().stream()
                        .filter(leg -> isAway(leg, usable))
                        .forEach(leg -> line.enter(new Move(this, leg)));
                continue;
            }
            int surplus = surplus(endpoint.staying(), share(endpoint, usable));
            if (surplus > 0) {
                List<UpstreamLeg> legs = new ArrayList<>(endpoint.movable());
                // Not the same ones again, should those be ones that nobody else takes now.
                Collections.shuffle(legs, ThreadLocalRandom.current());
                legs.stream()
                        .filter(leg -> usable.stream().anyMatch(openTo(leg)))
                        .limit(surplus)
                        .forEach(leg -> line.enter(new Move(this, leg)));
            }
        }
    }

    /** The same in a moment, once for all who say so until then. */
    void rebalanceLater() {
        if (later == null) {
            later = home.schedule(this::rebalance, LATER_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** How many connections are too many for a share, if they are so many more that it is worth the trouble; else 0. */
    static int surplus(int connections, double share) {
        return connections > TOLERANCE * share + SPARE ? (int) Math.ceil(connections - share) : 0;
    }

    /** The connections that would be an endpoint's if all were spread by weight. */
    private static double share(Endpoint endpoint, List<Endpoint> among) {
        double connections = 0;
        double weights = 0;
        for (Endpoint each : among) {
            connections += each.staying();
            weights += each.weight();
        }
        return weights == 0 ? 0 : connections * endpoint.weight() / weights;
    }

    /** With hashing the keys say who belongs where. */
    private boolean isAway(UpstreamLeg leg, List<Endpoint> usable) {
        Endpoint home = pool.homeOf(leg.key(), usable);
        return home != null && home != leg.endpoint();
    }

    /** Whether a leg has to go, or should, and where it can is found out at its turn, as things change. */
    private PacedLine.Turn turn(UpstreamLeg leg) {
        if (!leg.isMovable()) {
            return PacedLine.Turn.GONE;
        }
        Attempt other = attempt(leg);
        if (other != null) {
            leg.move(other);
            return PacedLine.Turn.TAKEN;
        }
        if (leg.endpoint().isOffered()) {
            // It only should go, and is told again when there is a better place.
            return PacedLine.Turn.GONE;
        }
        if (leg.tried().rulesOutAny()) {
            turnedAway.add(leg);
            return PacedLine.Turn.GONE;
        }
        return PacedLine.Turn.HELD;
    }

    /** Leave to go elsewhere, for one that has a reason; {@code null} when it has none, or nowhere to go now. */
    private @Nullable Attempt attempt(UpstreamLeg leg) {
        Endpoint left = leg.endpoint();
        Predicate<Endpoint> may = openTo(leg);
        if (!left.isOffered()) {
            return pool.selectOther(leg.key(), leg.tried(), may);
        }
        List<Endpoint> usable = pool.usable();
        if (pool.isHashed()) {
            Endpoint home = pool.homeOf(leg.key(), usable);
            return home == null || !may.test(home) ? null : home.tryAcquire(leg.key());
        }
        return left.staying() > Math.ceil(share(left, usable))
                ? pool.selectOther(
                        leg.key(),
                        leg.tried(),
                        may.and(to -> usable.contains(to) && to.connections() < share(to, usable)))
                : null;
    }

    /** Where a leg isn't already, nor was turned away for good. */
    private static Predicate<Endpoint> openTo(UpstreamLeg leg) {
        return to -> to != leg.endpoint() && !leg.tried().rulesOut(to);
    }

    /** One leg's place in the line, of which it has one however often it is said that it should move. */
    private record Move(Mover mover, UpstreamLeg leg) implements PacedLine.Entry {

        @Override
        public PacedLine.Turn turn(long spreadNanos) {
            return mover.turn(leg);
        }
    }
}
