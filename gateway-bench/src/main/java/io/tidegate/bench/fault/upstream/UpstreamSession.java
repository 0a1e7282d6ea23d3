package io.tidegate.bench.fault.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.tidegate.bench.fault.message.Form;
import io.tidegate.bench.fault.message.Numbered;
import java.io.IOException;

/**
 * Reads messages of any form, writes each down, then answers it.
 *
 * <p><b>Threads:</b> its event loop. <b>Ownership:</b> releases what it read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel
final class UpstreamSession extends SimpleChannelInboundHandler<WebSocketFrame> {

    private final Journal.Writer journal;
    private final ChannelGroup sessions;
    private boolean closing;

    /**
     * @param sessions takes this session when it is open
     */
    UpstreamSession(Journal.Writer journal, ChannelGroup sessions) {
        this.journal = journal;
        this.sessions = sessions;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof HandshakeComplete) {
            journal.session();
            sessions.add(context.channel());
        } else if (event instanceof CloseWebSocketFrame farewell) {
            closing = true; // a WebSocket server reads on, but answers no more
            context.writeAndFlush(farewell);
        } else {
            super.userEventTriggered(context, event);
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
        if (reply != null && !closing) {
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
