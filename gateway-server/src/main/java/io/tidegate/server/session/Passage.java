package io.tidegate.server.session;

import io.tidegate.frame.FrameBatch;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.LoopTraffic;

/** The shortest way: to one leg, as it comes. */
final class Passage implements Sink {

    private final Leg to;
    private final LoopTraffic.Flow flow;

    Passage(Leg to, LoopTraffic.Flow flow) {
        this.to = to;
        this.flow = flow;
    }

    @Override
    public void accept(FrameBatch batch, long readNanos) {
        if (to.isOpen()) {
            flow.passed(batch.messages(), batch.payloadBytes());
        }
        to.write(batch, readNanos);
    }

    @Override
    public boolean takesMore() {
        return !to.isOpen() || to.isWritable();
    }
}
