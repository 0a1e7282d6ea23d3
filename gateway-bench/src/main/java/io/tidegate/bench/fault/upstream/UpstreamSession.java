package io.tidegate.bench.fault.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.tidegate.bench.fault.message.Form;
import io.tidegate.bench.fault.message.Numbered;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages of any form, writes each down, then answers it.
 *
 * <p><b>Threads:</b> its event loop. <b>Ownership:</b> releases what it read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel
final class UpstreamSession extends SimpleChannelInboundHandler<WebSocketFrame> {

    /**
     * Tells it to close; a session whose handshake is not over does so when it is.
     *
     * @param code of the Close
     */
    record Farewell(int code) {}

    private final Journal.Writer journal;
    private boolean open;
    private @Nullable Farewell farewell;

    UpstreamSession(Journal.Writer journal) {
        this.journal = journal;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof HandshakeComplete) {
            journal.session();
            open = true;
            close(context);
        } else if (event instanceof Farewell told) {
            farewell = told; // a WebSocket server reads on, but answers no more
            close(context);
        } else {
            super.userEventTriggered(context, event);
        }
    }

    private void close(ChannelHandlerContext context) {
        if (open && farewell != null) {
            context.writeAndFlush(new CloseWebSocketFrame(farewell.code(), "restart"));
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) throws IOException {
        if (!(frame instanceof TextWebSocketFrame text)) {
            journal.damaged();
            return;
        }
        String request = text.text();
        Form form = Form.of(request);
        Numbered number = form == null ? null : form.readRequest(request);
        if (form == null || number == null) {
            journal.damaged();
            return;
        }
        journal.read(number);
        String reply = form.reply(request);
        if (reply != null && farewell == null) {
            context.write(new TextWebSocketFrame(reply), context.voidPromise());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(context.channel().isWritable()); // keeps no replies for slow readers
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
