package io.tidegate.server.upstream;

import io.tidegate.frame.CloseStatus;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.leg.Leg;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final long sinceNanos = System.nanoTime();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable Runnable mover;

    /** @param key what its endpoint was picked by */
    UpstreamLeg(Endpoint endpoint, OpeningAnswer answer, Leg leg, String key) {
        this.endpoint = endpoint;
        this.answer = answer;
        this.leg = leg;
        this.key = key;
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
     * Says that the session is able to go on with another leg, and what to call when it should.
     *
     * @param move called when the endpoint is drained or gone, or when another one has too little to do; once, on any
     *     thread, and never after the leg is {@linkplain #over over}, but for a call under way at that moment
     */
    public void onMove(Runnable move) {
        mover = move;
        endpoint.movable(this);
        if (over.get()) {
            endpoint.settled(this);
        }
    }

    /** The session was asked to move and couldn't: says anew what {@link #onMove} says. */
    public void stays(Runnable move) {
        endpoint.settled(this);
        onMove(move);
    }

    String key() {
        return key;
    }

    /** Whether the session could go on with another leg, and wasn't asked to yet. */
    boolean isMovable() {
        return mover != null && !over.get();
    }

    /** Asks the session to go on with another leg, the first time. <b>Threads:</b> the upstream's event loop. */
    void move() {
        Runnable move = mover;
        mover = null;
        if (move != null && endpoint.leaves(this)) {
            move.run();
        }
    }
}
