package io.tidegate.server.leg;

import io.netty.channel.ChannelConfig;
import io.tidegate.frame.FrameAssembler;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.ProtocolViolation;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * What a leg's peer sends, as a Flux: turns demand into reading from the socket, and the end of the frames into a
 * terminal signal. Signals and demand are documented at {@link Leg#receive()}.
 */
final class LegInbound extends Flux<FrameBatch> implements Subscription {

    private final Leg leg;

    private @Nullable CoreSubscriber<? super FrameBatch> subscriber;
    private long demand;
    private boolean draining;
    private boolean done;
    private @Nullable LegLostException lost;

    LegInbound(Leg leg) {
        this.leg = leg;
    }

    @Override
    public void subscribe(CoreSubscriber<? super FrameBatch> actual) {
        if (subscriber != null) {
            Operators.error(actual, new IllegalStateException("a leg's frames allow only one subscriber"));
            return;
        }
        subscriber = actual;
        actual.onSubscribe(this);
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            demand = Operators.addCap(demand, n);
            drain();
        }
    }

    @Override
    public void cancel() {
        done = true;
        leg.frames().release();
        read(true);
    }

    /** Whether no signal will follow any more. */
    boolean isOver() {
        return done;
    }

    /** The connection ended without a Close frame; says so behind what can still be handed out. */
    void lost(String how, @Nullable Throwable cause) {
        if (lost == null) {
            lost = new LegLostException(how, cause);
        }
        drain();
    }

    /** Hands out what there is as far as it was asked for, and reads on accordingly. */
    void drain() {
        if (draining || done) {
            return;
        }
        draining = true;
        try {
            handOut();
        } finally {
            draining = false;
        }
        read(done || demand > 0);
    }

    private void handOut() {
        FrameAssembler frames = leg.frames();
        CoreSubscriber<? super FrameBatch> actual = subscriber;
        while (actual != null && demand > 0 && !done) {
            FrameBatch batch = frames.take();
            if (batch == null) {
                break;
            }
            demand--;
            actual.onNext(batch);
        }
        if (actual != null && !done && !frames.isReady()) {
            end(actual, frames);
        }
    }

    private void end(CoreSubscriber<? super FrameBatch> actual, FrameAssembler frames) {
        ProtocolViolation violation = frames.violation();
        if (frames.close() != null) {
            done = true;
            actual.onComplete();
        } else if (violation != null) {
            done = true;
            actual.onError(violation);
        } else if (lost != null) {
            done = true;
            frames.release();
            actual.onError(lost);
        }
    }

    private void read(boolean on) {
        ChannelConfig config = leg.channel().config();
        // Of a closed connection frames may still be handed out, but there is nothing to read.
        if (leg.channel().isActive() && config.isAutoRead() != on) {
            config.setAutoRead(on);
        }
    }
}
