package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.upstream.pace.PacedLine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has sessions go on with legs to other endpoints, so many a second: those of an endpoint that is to have none, and as many
 * as are too many on the others when one has come back.
 *
 * <p>Whether a leg still has to move is asked when it is its turn, and it stays where it is as long as there is nowhere to go.
 *
 * <p><b>Threads:</b> any, but {@link #rebalance} the upstream's event loop.
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
            line.enter(new Move(leg, () -> !leg.endpoint().isOffered()));
        }
    }

    /** Moves all legs of an endpoint, unless it is offered again in the meantime. */
    void empty(Endpoint endpoint) {
        endpoint.movable().forEach(this::movable);
    }

    /** Something may be held that needn't be. */
    void wake() {
        line.wake();
    }

    /** Evens out what has become uneven, once those who have no leg have found one: they may do it already. */
    void rebalance() {
        if (later != null) {
            later.cancel(false);
            later = null;
        }
        if (redials.size() > 0) {
            later = home.schedule(this::rebalance, LATER_NANOS, TimeUnit.NANOSECONDS);
            return;
        }
        List<Endpoint> usable = pool.usable();
        for (Endpoint endpoint : usable) {
            if (pool.isHashed()) {
                sendHome(endpoint);
            } else {
                endpoint.movable().stream()
                        .limit(surplus(endpoint.staying(), share(endpoint, usable)))
                        .forEach(leg -> line.enter(new Move(
                                leg, () -> endpoint.staying() > Math.ceil(share(endpoint, pool.usable())))));
            }
        }
    }

    /** How many connections are too many for a share, if they are so many more that it is worth the trouble; else 0. */
    static int surplus(int connections, double share) {
        return connections > TOLERANCE * share + SPARE ? (int) Math.ceil(connections - share) : 0;
    }

    /** With hashing the keys say who belongs where. */
    private void sendHome(Endpoint endpoint) {
        for (UpstreamLeg leg : endpoint.movable()) {
            BooleanSupplier isAway = () -> pool.homeOf(leg.key()) != endpoint;
            if (isAway.getAsBoolean()) {
                line.enter(new Move(leg, isAway));
            }
        }
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

    /** One leg's place in the line. */
    private final class Move implements PacedLine.Entry {

        private final UpstreamLeg leg;
        private final BooleanSupplier isWanted;

        Move(UpstreamLeg leg, BooleanSupplier isWanted) {
            this.leg = leg;
            this.isWanted = isWanted;
        }

        @Override
        public PacedLine.Turn turn(long spreadNanos) {
            if (!leg.isMovable() || !isWanted.getAsBoolean()) {
                return PacedLine.Turn.GONE;
            }
            if (pool.usable().stream().allMatch(leg.endpoint()::equals)) {
                return PacedLine.Turn.HELD;
            }
            leg.move();
            return PacedLine.Turn.TAKEN;
        }
    }
}
