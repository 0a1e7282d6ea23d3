package io.tidegate.server.leg;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.FrameAssembler;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.FrameScanner;
import io.tidegate.frame.Granularity;
import io.tidegate.frame.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * One WebSocket connection after its handshake, as the last handler that matters in its channel's pipeline.
 *
 * <p>What was read in one turn of the event loop goes out as one {@link FrameBatch} of {@link #receive()}; each batch
 * written is flushed at once, so there is one flush per turn.
 *
 * <p><b>Demand:</b> one turn's frames are kept when nobody asked for them, and reading stops until somebody does.
 * <b>Threads:</b> the channel's event loop only. <b>Ownership:</b> whoever receives a batch releases it; {@link #write}
 * takes it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails arrives at exceptionCaught and channelInactive
public final class Leg extends ChannelInboundHandlerAdapter {

    /** What a session wants to know of its legs. Called on the event loop. */
    public interface Listener {
        Listener NONE = new Listener() {};

        /** The leg takes batches again after it did not. */
        default void writable(Leg leg) {}

        /** The peer sent FIN. */
        default void inputEnded(Leg leg) {}

        /** Something went wrong that is nobody's fault but the gateway's. */
        default void broken(Leg leg, Throwable failure) {
            leg.closeNow();
        }

        /** The connection is closed. */
        default void closed(Leg leg) {}
    }

    /**
     * How a leg's channel allocates what it reads: up to 64 KiB a read, as much as recent reads needed, and no more than 4
     * reads a turn, which bounds what a turn can bring.
     */
    public static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(4);

    private final Sender peer;
    private final Granularity granularity;
    private final FrameScanner scanner;
    private final LegMeter meter;
    private final LegInbound inbound = new LegInbound(this);

    private @Nullable ChannelHandlerContext context;
    private @Nullable FrameAssembler frames;
    /** Absent where nothing is measured. */
    private @Nullable Flushes flushes;

    private @Nullable LoopClock clock;

    private Listener listener = Listener.NONE;

    private boolean insideFrame;
    private boolean insideMessage;
    private long readNanos;
    private long received;
    private long written;
    private @Nullable CloseStatus sent;
    private @Nullable Throwable cause;
    private boolean inputEnded;
    private boolean closed;

    /**
     * @param peer what the other end of this connection is: {@link Sender#CLIENT} on the client leg, {@link Sender#SERVER}
     *     on the upstream leg
     * @param limits what the peer may send
     * @param granularity whether frames or whole messages are handed out
     * @param compressed whether permessage-deflate was negotiated
     * @param meter told of messages that come in, and of those that are written
     */
    public Leg(Sender peer, FrameLimits limits, Granularity granularity, boolean compressed, LegMeter meter) {
        this.granularity = granularity;
        this.peer = peer;
        this.meter = meter;
        this.scanner = new FrameScanner(peer, limits, compressed, meter);
    }

    /**
     * What the peer sends.
     *
     * <p><b>Signals:</b> batches; complete behind the batch that ends with a Close frame; error with a
     * {@link io.tidegate.frame.ProtocolViolation} behind the last batch that was right, or with a
     * {@link LegLostException} when the connection ended without Close. Cancel: what comes in is dropped. <b>State:</b>
     * one subscriber only.
     */
    public Flux<FrameBatch> receive() {
        return inbound;
    }

    public void listener(Listener sessionListener) {
        this.listener = sessionListener;
    }

    /**
     * Writes and flushes a batch, of which it takes ownership. After a Close frame was sent, the batch is dropped.
     *
     * @param readNanos when another leg {@linkplain #readNanos() read} it
     */
    public void write(FrameBatch batch, long readNanos) {
        if (sent != null || closed || !batch.bytes().isReadable()) {
            batch.release();
            return;
        }
        insideFrame = batch.endsInsideFrame();
        insideMessage = batch.endsInsideMessage();
        sent = batch.close();
        written += batch.bytes().readableBytes();
        context().writeAndFlush(batch.bytes(), promise(readNanos, batch.messages()));
    }

    /**
     * Writes whole frames of the gateway's own, or control frames, none of them a Close, of which it takes ownership; {@link
     * #flush} sends them off. After a Close frame was sent, they are dropped.
     */
    public void send(ByteBuf frames) {
        send(frames, 0, 0);
    }

    /**
     * As {@link #send(ByteBuf)}, with messages of another leg among the frames.
     *
     * @param readNanos when they were {@linkplain #readNanos() read}
     * @param messages how many
     */
    public void send(ByteBuf frames, long readNanos, int messages) {
        if (sent != null || closed) {
            frames.release();
            return;
        }
        written += frames.readableBytes();
        context().write(frames, promise(readNanos, messages));
    }

    private ChannelPromise promise(long readNanos, int messages) {
        Flushes measured = flushes;
        return measured == null || messages == 0 ? context().voidPromise() : measured.written(readNanos, messages);
    }

    /** Flushes what was written by {@link #send}. */
    public void flush() {
        if (!closed) {
            context().flush();
        }
    }

    /** Drops what still comes in. */
    public void ignoreInput() {
        inbound.cancel();
    }

    /** Whether the connection takes more without its write buffer growing past the high-water mark. */
    public boolean isWritable() {
        return context().channel().isWritable();
    }

    /** Whether frames can still be sent. */
    public boolean isOpen() {
        return sent == null && !closed;
    }

    /**
     * Sends a Close frame of the gateway's own, unless one was sent already. Where that would tear a frame that is half
     * sent, the connection is closed instead.
     *
     * @return false in that case
     */
    public boolean sendClose(CloseStatus status) {
        if (!isOpen()) {
            return true;
        }
        sent = status;
        if (insideFrame) {
            closeNow();
            return false;
        }
        ChannelHandlerContext ctx = context();
        Sender self = peer == Sender.CLIENT ? Sender.SERVER : Sender.CLIENT;
        ByteBuf frame = ControlFrames.close(ctx.alloc(), self, status);
        written += frame.readableBytes();
        ctx.writeAndFlush(frame, ctx.voidPromise());
        return true;
    }

    /** Closes the connection once all that was written is flushed. */
    public void finish() {
        if (!closed) {
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /**
     * Sends FIN once all that was written is flushed, and drops what the peer still sends. To close at once instead could
     * make the peer's kernel throw away the Close frame (a reset overtakes data).
     */
    public void finishAfterPeer() {
        if (!closed) {
            inbound.cancel();
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
                if (context().channel() instanceof DuplexChannel channel && channel.isActive()) {
                    channel.shutdownOutput();
                }
            });
        }
    }

    /** Closes the connection without waiting for anything. */
    public void closeNow() {
        if (!closed) {
            context().close();
        }
    }

    /** Ends a leg that got no session: tells the peer, and closes the connection. */
    public void abandon(CloseStatus status) {
        inbound.cancel();
        sendClose(status);
        finish();
    }

    /** Whether the last message that was written is not whole yet. */
    public boolean isInsideMessage() {
        return insideMessage;
    }

    /** The Close frame that was sent on this leg, if any. */
    public @Nullable CloseStatus sentClose() {
        return sent;
    }

    /** The Close frame that was received on this leg, if any. */
    public @Nullable CloseStatus receivedClose() {
        return scanner.close();
    }

    /** Whether the peer sent FIN: nothing more will come. */
    public boolean isInputEnded() {
        return inputEnded;
    }

    /** Whether all that was received is handed out, and how it ended was signalled. */
    public boolean isHandedOut() {
        return inbound.isOver();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Whether something that was written is not in the socket yet. */
    public boolean isPending() {
        return pendingBytes() > 0;
    }

    /** Bytes that were written and are not in the socket yet; any thread may ask. */
    public long pendingBytes() {
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** When the last of what was read had come in, by {@link System#nanoTime()}; 0 where nothing is measured. */
    public long readNanos() {
        return readNanos;
    }

    /** Smoothed time that messages took from being read on the other leg to this one's socket; any thread may ask. */
    public long meanFlushNanos() {
        Flushes measured = flushes;
        return measured == null ? 0 : measured.meanNanos();
    }

    /** How much was read; only good for seeing whether it grows. */
    public long receivedBytes() {
        return received;
    }

    /** How much of what was written is in the socket; only good for seeing whether it grows. */
    public long flushedBytes() {
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        // Pending counts an entry until all of it is in the socket; progress is what is there of the entry at hand.
        return buffer == null ? written : written - buffer.totalPendingWriteBytes() + buffer.currentProgress();
    }

    public Channel channel() {
        return context().channel();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        if (meter != LegMeter.NONE) {
            clock = LoopClock.of(ctx.channel().eventLoop());
            flushes = new Flushes(ctx.channel(), meter, clock);
        }
        frames = new FrameAssembler(scanner, ctx.alloc(), granularity);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && !inbound.isOver()) {
            if (clock != null) {
                readNanos = clock.nanos();
            }
            received += bytes.readableBytes();
            frames().append(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        inbound.drain();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            listener.writable(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (!inbound.isOver()) {
                inbound.lost("connection ended without a Close frame", null);
            }
            listener.inputEnded(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (cause == null) {
            cause = failure;
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            ctx.close();
        } else {
            listener.broken(this, failure);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed = true;
        if (!inbound.isOver()) {
            Throwable why = cause;
            inbound.lost(
                    why == null ? "connection closed without a Close frame" : String.valueOf(why.getMessage()), why);
        }
        listener.closed(this);
        // reactor-netty's own handler at the end of the pipeline tidies up after itself.
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (inbound.isOver()) {
            frames().release();
        }
    }

    FrameAssembler frames() {
        FrameAssembler assembler = frames;
        if (assembler == null) {
            throw new IllegalStateException("leg is not in a pipeline (expected: added before use)");
        }
        return assembler;
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("leg is not in a pipeline (expected: added before use)");
        }
        return ctx;
    }
}
