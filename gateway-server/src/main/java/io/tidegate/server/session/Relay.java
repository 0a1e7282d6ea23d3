package io.tidegate.server.session;

import io.tidegate.frame.FrameBatch;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.Direction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One direction of a session: takes to a {@link Sink} what a leg receives, and tells the session how it ended.
 *
 * <p><b>Demand:</b> one batch at a time, and the next only when the sink takes more, so that nothing piles up in between.
 * <b>Threads:</b> the session's event loop. <b>Ownership:</b> each batch goes on to the sink.
 */
final class Relay implements CoreSubscriber<FrameBatch> {

    private final Session session;
    private final Leg from;
    private final Sink sink;
    private final Direction direction;

    private @Nullable Subscription subscription;
    private boolean waiting;
    private boolean heldBack;
    private long resumedNanos = System.nanoTime();

    Relay(Session session, Leg from, Sink sink, Direction direction) {
        this.session = session;
        this.from = from;
        this.sink = sink;
        this.direction = direction;
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
        s.request(1);
    }

    @Override
    public void onNext(FrameBatch batch) {
        long readNanos = from.readNanos();
        session.pulse().beat(direction, batch.messages(), readNanos);
        sink.accept(batch, readNanos);
        waiting = true;
        proceed();
        heldBack = waiting;
    }

    @Override
    public void onComplete() {
        session.closeReceived(from);
    }

    @Override
    public void onError(Throwable failure) {
        session.failed(from, failure);
    }

    /** Asks for the next batch if the last one is taken care of and the sink takes more. */
    void proceed() {
        Subscription s = subscription;
        if (s != null && waiting && sink.takesMore()) {
            waiting = false;
            if (heldBack) {
                heldBack = false;
                resumedNanos = System.nanoTime();
            }
            s.request(1);
        }
    }

    /** Whether nothing was read from the leg at some time since then. */
    boolean wasHeldBackSince(long nanos) {
        return heldBack || resumedNanos - nanos > 0;
    }

    /** Whether nothing is read from the leg now, because the sink takes no more. */
    boolean isHeldBack() {
        return waiting;
    }
}
