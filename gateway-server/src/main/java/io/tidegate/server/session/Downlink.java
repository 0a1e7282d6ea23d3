package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameWalker;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.frame.Sender;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.traffic.LoopTraffic;
import org.jspecify.annotations.Nullable;

/**
 * From one upstream leg to the client, less what is the gateway's own business: Pongs to its pings, a Close that only means
 * that the leg is lost, replies that the client has had or that nobody asked for.
 *
 * <p>Batches that have nothing of that kind pass as they came. <b>Threads:</b> the session's event loop. <b>Ownership:</b> of
 * each batch.
 */
final class Downlink implements Sink {

    private final Session session;
    private final Terms terms;
    private final Leg client;
    private final Uplink uplink;
    private final LoopTraffic.Flow flow;
    private final FrameWalker walker = new FrameWalker();
    private final Excerpt excerpt = new Excerpt();
    private @Nullable Pings pings;

    private boolean heard;
    /** What is wrong with a message of which all that is known is that it inflates to too much. */
    private @Nullable ProtocolViolation tooBig;

    private int messages;
    private long payloadBytes;

    Downlink(Session session, Terms terms, Leg client, Uplink uplink, LoopTraffic.Flow flow) {
        this.session = session;
        this.terms = terms;
        this.client = client;
        this.uplink = uplink;
        this.flow = flow;
    }

    /** Whose Pongs to look for. */
    void pings(Pings ofThisLeg) {
        pings = ofThisLeg;
    }

    /** Whether the leg brought anything but its end: a message, or the answer to a ping. */
    boolean hasHeard() {
        return heard;
    }

    @Override
    public void accept(FrameBatch batch, long readNanos) {
        CloseStatus close = batch.close();
        heard |= batch.frames() > (close == null ? 0 : 1);
        FrameBatch rest = close != null && session.meansLost(close) ? batch.withoutClose() : batch;
        if (!client.isOpen()) {
            look(rest);
            rest.release();
        } else if (rest.controls() == 0 && !uplink.readsReplies()) {
            flow.passed(rest.messages(), rest.payloadBytes());
            client.write(rest, readNanos);
        } else {
            filter(rest, readNanos);
        }
    }

    @Override
    public boolean takesMore() {
        return !client.isOpen() || client.isWritable();
    }

    /** The client takes nothing any more, but what the upstream says still counts. */
    private void look(FrameBatch batch) {
        walker.open(batch.bytes(), Sender.SERVER);
        while (walker.next()) {
            isOurs(batch.bytes());
        }
    }

    private void filter(FrameBatch batch, long readNanos) {
        ByteBuf bytes = batch.bytes();
        messages = 0;
        payloadBytes = 0;
        int last = bytes.readerIndex();
        excerpt.begin(batch, readNanos);
        walker.open(bytes, Sender.SERVER);
        while (walker.next()) {
            last = walker.from();
            boolean ours = isOurs(bytes);
            if (tooBig != null) {
                flow.passed(messages, payloadBytes);
                excerpt.breakOff(client, batch, last);
                session.upstreamViolated(tooBig);
                return;
            }
            if (ours) {
                excerpt.cut(client, batch, last, walker.to());
            } else if (!walker.isControl()) {
                messages++;
                excerpt.message();
                payloadBytes += walker.payloadBytes();
            }
        }
        flow.passed(messages, payloadBytes);
        excerpt.end(client, batch, last);
    }

    /** Whether the message or control frame that the walker stands at is not for the client. */
    private boolean isOurs(ByteBuf bytes) {
        if (walker.isControl()) {
            int length = walker.payloadBytes();
            if (!walker.isPong()) {
                return false;
            }
            if (pings != null && pings.pong(bytes, walker.to() - length, length)) {
                return true;
            }
            uplink.pongPassed(bytes, walker.to() - length, length);
            return false;
        }
        if (!uplink.readsReplies()) {
            return false;
        }
        Inspection inspection = Inspection.ofLoop();
        ByteBuf payload = inspection.read(walker, terms.config().limits().message());
        ProtocolViolation violation = inspection.violation();
        if (violation != null) {
            // One that doesn't inflate passes: it is no reply, and the client will judge for itself.
            tooBig = violation.closeCode() == CloseStatus.TOO_BIG ? violation : null;
            return false;
        }
        return uplink.isReplyToDrop(payload, walker.isText());
    }
}
