package io.tidegate.server.upstream;

import io.tidegate.frame.CloseStatus;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.upstream.EndpointPool.Tried;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an upstream after its 101.
 *
 * <p>It counts as one of its endpoint's connections until {@link #over}. <b>Threads:</b> any.
 */
public final class UpstreamLeg {

    private final Endpoint endpoint;
    private final OpeningAnswer answer;
    private final Leg leg;
    private final String key;
    private final String entrance;
    private final long sinceNanos = System.nanoTime();
    private final AtomicBoolean over = new AtomicBoolean();
    /** Where it was to be moved, and couldn't. */
    private final Tried tried = new Tried();

    private volatile @Nullable Consumer<Attempt> mover;

    /**
     * @param key what its endpoint was picked by
     * @param entrance what the endpoint would be asked for on nobody's behalf
     */
    UpstreamLeg(Endpoint endpoint, OpeningAnswer answer, Leg leg, String key, String entrance) {
        this.endpoint = endpoint;
        this.answer = answer;
        this.leg = leg;
        this.key = key;
        this.entrance = entrance;
    }

    /** Where it leads. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** What the 101 said. */
    public OpeningAnswer answer() {
        return answer;
    }

    /** The frames that come, kept until somebody asks for them, and go. */
    public Leg leg() {
        return leg;
    }

    /** It has ended, or is left to end by itself; the first call counts. */
    public void over(LegEnd how) {
        if (over.compareAndSet(false, true)) {
            endpoint.ended(this, how, System.nanoTime() - sinceNanos);
        }
    }

    /** Ends a leg that got no session: tells the upstream, and closes the connection. */
    public void abandon(CloseStatus status) {
        over(LegEnd.ENDED);
        leg.abandon(status);
    }

    /**
     * Says that the session is able to go on with another leg, and what to call when it should: with leave to dial another endpoint,
     * to be used or given back.
     *
     * @param move called when the endpoint is drained or gone, or when another one has too little to do; on any thread, once
     *     until the leg {@link #canMoveAgain}, and never after it is {@linkplain #over over}, but for a call under way at that
     *     moment
     */
    public void onMove(Consumer<Attempt> move) {
        mover = move;
        endpoint.movable(this);
        settleIfOver();
    }

    /** The session was asked to move and can't do so now: others may be asked in its stead, until it {@link #canMoveAgain}. */
    public void couldNotMove() {
        endpoint.couldNotMove(this);
    }

    /**
     * The same, and why: an endpoint didn't take it.
     *
     * @param to the endpoint; others are tried first from now on, and it never if its answer was final
     */
    public void couldNotMove(Endpoint to, Throwable failure) {
        tried.add(to);
        if (failure instanceof RefusedException refused && refused.isFinal()) {
            tried.ruleOut(to);
        }
        couldNotMove();
    }

    /** The session that couldn't move may be asked again. */
    public void canMoveAgain() {
        endpoint.movableAgain(this);
        settleIfOver();
    }

    private void settleIfOver() {
        if (over.get()) {
            endpoint.settled(this);
        }
    }

    Tried tried() {
        return tried;
    }

    String key() {
        return key;
    }

    String entrance() {
        return entrance;
    }

    /** Whether the session could go on with another leg, and wasn't asked to yet. */
    boolean isMovable() {
        return endpoint.isMovable(this);
    }

    /** Asks the session to go on with another leg, if it is {@linkplain #isMovable movable}; takes care of {@code other}. */
    void move(Attempt other) {
        Consumer<Attempt> move = mover;
        if (move == null || !endpoint.leaves(this)) {
            other.giveBack();
            return;
        }
        try {
            move.accept(other);
        } catch (RejectedExecutionException e) {
            // Its event loop has ended, and the session with it.
            other.giveBack();
        }
    }
}
