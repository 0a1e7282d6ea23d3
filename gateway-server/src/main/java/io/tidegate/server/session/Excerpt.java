package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameBatch;
import io.tidegate.server.leg.Leg;

/**
 * A batch on its way to a leg, less the frames that are cut out of it: what is between those goes as it came, and the batch itself
 * if there are none.
 *
 * <p><b>Threads:</b> the session's event loop. <b>Ownership:</b> {@link #end} and {@link #breakOff} take the batch. <b>State:</b>
 * one batch at a time.
 */
final class Excerpt {

    private long readNanos;
    private int begin;
    private int from;
    /** Messages since the last cut. */
    private int messages;

    /**
     * Begins with a batch.
     *
     * @param nanos when it was read
     */
    void begin(FrameBatch batch, long nanos) {
        readNanos = nanos;
        begin = batch.bytes().readerIndex();
        from = begin;
        messages = 0;
    }

    /** A message of the batch stays in. */
    void message() {
        messages++;
    }

    /** Sends what is before a frame, and goes on behind it. */
    void cut(Leg to, FrameBatch batch, int frameFrom, int frameTo) {
        pass(to, batch.bytes(), frameFrom);
        from = frameTo;
    }

    /**
     * Sends the rest.
     *
     * @param last where the last frame begins, which is the Close if the batch has one
     */
    void end(Leg to, FrameBatch batch, int last) {
        if (from == begin) {
            to.write(batch, readNanos);
            return;
        }
        CloseStatus close = batch.close();
        pass(to, batch.bytes(), close == null ? batch.bytes().writerIndex() : last);
        to.flush();
        batch.release();
        if (close != null) {
            to.sendClose(close);
        }
    }

    /** Sends what is before a frame, and drops that frame and all behind it. */
    void breakOff(Leg to, FrameBatch batch, int frameFrom) {
        pass(to, batch.bytes(), frameFrom);
        batch.release();
    }

    private void pass(Leg to, ByteBuf bytes, int end) {
        if (end > from) {
            to.send(bytes.retainedSlice(from, end - from), readNanos, messages);
            messages = 0;
        }
    }
}
