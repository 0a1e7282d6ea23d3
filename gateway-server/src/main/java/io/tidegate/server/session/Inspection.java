package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameWalker;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.server.message.MessageInflater;
import org.jspecify.annotations.Nullable;

/**
 * Lets the gateway look into messages: their payload in one piece, unmasked and inflated. The message itself goes on as it
 * came; what is seen here is a copy in a buffer that the next message overwrites.
 *
 * <p><b>Threads:</b> one event loop, for all of its sessions. <b>State:</b> the copy of the last message; room beyond
 * {@value #KEPT_BYTES} bytes is given back when a smaller one comes.
 */
final class Inspection {

    private static final int KEPT_BYTES = 64 * 1024;

    private static final FastThreadLocal<Inspection> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Inspection initialValue() {
            return new Inspection();
        }

        @Override
        protected void onRemoval(Inspection inspection) {
            inspection.inflater.close();
        }
    };

    private final MessageInflater inflater = new MessageInflater();
    private ByteBuf gathered = Unpooled.buffer(KEPT_BYTES);
    private ByteBuf inflated = Unpooled.buffer(KEPT_BYTES);
    private @Nullable ProtocolViolation violation;

    private Inspection() {}

    /** That of the event loop which calls. */
    static Inspection ofLoop() {
        return OF_LOOP.get();
    }

    /**
     * Reads the message that the walker stands at.
     *
     * @param limit the most bytes that an inflated message may have
     * @return its payload, until the next call; empty if there is a {@link #violation()}
     */
    ByteBuf read(FrameWalker walker, long limit) {
        violation = null;
        gathered = emptied(gathered, walker.payloadBytes());
        walker.copyPayload(gathered);
        if (!walker.isCompressed()) {
            return gathered;
        }
        inflated = emptied(inflated, 0);
        switch (inflater.inflate(gathered, inflated, limit)) {
            case INFLATED -> {}
            case TOO_BIG -> refuse(CloseStatus.TOO_BIG, "message of more than " + limit + " bytes inflated (limit)");
            case BROKEN -> refuse(CloseStatus.INVALID_PAYLOAD, "compressed message that does not inflate");
        }
        return inflated;
    }

    /** What was wrong with the message, if anything. */
    @Nullable
    ProtocolViolation violation() {
        return violation;
    }

    private void refuse(int code, String what) {
        violation = new ProtocolViolation(code, what);
        inflated.clear();
    }

    private static ByteBuf emptied(ByteBuf buffer, long needed) {
        return buffer.capacity() > KEPT_BYTES && needed <= KEPT_BYTES ? Unpooled.buffer(KEPT_BYTES) : buffer.clear();
    }
}
