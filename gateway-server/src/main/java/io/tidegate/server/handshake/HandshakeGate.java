package io.tidegate.server.handshake;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Stands first in the client leg's pipeline and lets exactly one request head through to the HTTP codec; what a client
 * sends right behind it, not waiting for the 101, is kept. Removing the gate hands the kept bytes on.
 *
 * <p>Without it the codec would take those bytes for another request. It also makes the rule of this gateway plain: one
 * request per connection, so a refused client connects anew.
 *
 * <p><b>Ownership:</b> keeps {@value #MAX_KEPT} bytes, and what one turn of reading brings beyond; then reading stops. Up
 * to there it goes on, so that a client that leaves is noticed on every transport.
 */
public final class HandshakeGate extends ChannelDuplexHandler {

    /** The name of this handler in the pipeline. */
    public static final String NAME = "tidegate.handshakeGate";

    private static final int MAX_KEPT = 64 * 1024;

    private enum At {
        START,
        IN_LINE,
        LINE_END,
        LINE_END_CR,
        BEHIND_HEAD
    }

    private At at = At.START;
    private @Nullable ByteBuf kept;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
        } else if (at == At.BEHIND_HEAD) {
            keep(ctx, bytes);
        } else {
            int end = endOfHead(bytes);
            if (at == At.BEHIND_HEAD && end < bytes.writerIndex()) {
                ByteBuf head = bytes.readRetainedSlice(end - bytes.readerIndex());
                keep(ctx, bytes);
                ctx.fireChannelRead(head);
            } else {
                ctx.fireChannelRead(bytes);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (isFull()) {
            // Here, not earlier: reactor-netty switches it on when it has seen the whole request.
            ctx.channel().config().setAutoRead(false);
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!isFull()) {
            ctx.read();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf bytes = kept;
        kept = null;
        if (bytes != null) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        }
    }

    private boolean isFull() {
        return kept != null && kept.readableBytes() >= MAX_KEPT;
    }

    /** The index behind the empty line that ends the head, if it is in {@code bytes}; remembers where in a line it is. */
    private int endOfHead(ByteBuf bytes) {
        for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
            byte b = bytes.getByte(i);
            if (at == At.START) {
                // Empty lines in front of a request are skipped (RFC 9112, section 2.2), as is all that the codec
                // skips.
                boolean skipped = Character.isISOControl(b & 0xff) || Character.isWhitespace(b & 0xff);
                at = skipped ? At.START : At.IN_LINE;
            } else if (b == '\n') {
                if (at != At.IN_LINE) {
                    at = At.BEHIND_HEAD;
                    return i + 1;
                }
                at = At.LINE_END;
            } else {
                at = b == '\r' && at == At.LINE_END ? At.LINE_END_CR : At.IN_LINE;
            }
        }
        return bytes.writerIndex();
    }

    private void keep(ChannelHandlerContext ctx, ByteBuf bytes) {
        ByteBuf before = kept;
        if (before == null) {
            kept = bytes;
        } else {
            kept = ctx.alloc()
                    .buffer(before.readableBytes() + bytes.readableBytes())
                    .writeBytes(before)
                    .writeBytes(bytes);
            before.release();
            bytes.release();
        }
    }
}
