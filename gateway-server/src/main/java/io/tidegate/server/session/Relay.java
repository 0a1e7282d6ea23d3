package io.tidegate.server.session;

import io.tidegate.frame.FrameBatch;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.LoopTraffic;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One direction of a session: writes to one leg what the other receives, counts it, and tells the session how it ended.
 *
 * <p><b>Demand:</b> one batch at a time, and the next only when the leg written to takes more, so that nothing piles up in
 * between. <b>Threads:</b> the session's event loop. <b>Ownership:</b> each batch goes on to the leg.
 */
final class Relay implements CoreSubscriber<FrameBatch> {

    private final Session session;
    private final Leg from;
    private final Leg to;
    private final LoopTraffic.Flow flow;

    private @Nullable Subscription subscription;
    private boolean waiting;

    Relay(Session session, Leg from, Leg to, LoopTraffic.Flow flow) {
        this.session = session;
        this.from = from;
        this.to = to;
        this.flow = flow;
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
        s.request(1);
    }

    @Override
    public void onNext(FrameBatch batch) {
        if (to.isOpen()) {
            flow.passed(batch.messages(), batch.payloadBytes());
        }
        to.write(batch);
        waiting = true;
        proceed();
    }

    @Override
    public void onComplete() {
        session.closeRelayed(from, to);
    }

    @Override
    public void onError(Throwable failure) {
        session.failed(from, to, failure);
    }

    /** Asks for the next batch if the last one is written and the leg takes more, or drops what it gets anyway. */
    void proceed() {
        Subscription s = subscription;
        if (s != null && waiting && (!to.isOpen() || to.isWritable())) {
            waiting = false;
            s.request(1);
        }
    }
}
