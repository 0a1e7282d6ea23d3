package io.tidegate.bench.fault.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.tidegate.bench.fault.judge.Replies;
import io.tidegate.bench.fault.message.Numbered;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client: connects, and connects again when its connection ends; never sends a message twice.
 *
 * <p><b>Threads:</b> the load's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a connection that fails is dialled again
final class Client {

    private static final int LARGEST = 1 << 20;
    private static final int KERNEL_BYTES = 64 << 10;
    private static final int HANDSHAKE_MILLIS = 30_000;
    private static final int LEAST_WAIT_MILLIS = 20;
    private static final int SPREAD_MILLIS = 80;

    private final int number;
    private final Load load;
    private final Replies replies = new Replies();
    private @Nullable Channel channel;
    private boolean connectedBefore;
    private int inFlight;

    Client(int number, Load load) {
        this.number = number;
        this.load = load;
    }

    Replies replies() {
        return replies;
    }

    void dial() {
        if (load.over()) {
            return;
        }
        int port = load.plan().port();
        WebSocketClientProtocolConfig config = WebSocketClientProtocolConfig.newBuilder()
                .webSocketUri(URI.create(
                        "ws://127.0.0.1:" + port + load.plan().paths().get(number)))
                .version(WebSocketVersion.V13)
                .handshakeTimeoutMillis(HANDSHAKE_MILLIS)
                .maxFramePayloadLength(LARGEST)
                .handleCloseFrames(false)
                .build();
        new Bootstrap()
                .group(load.loop())
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_SNDBUF, KERNEL_BYTES) // so that backpressure comes before much has piled up
                .option(ChannelOption.SO_RCVBUF, KERNEL_BYTES)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        socket.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new HttpObjectAggregator(LARGEST))
                                .addLast(new WebSocketClientProtocolHandler(config))
                                .addLast(new WebSocketFrameAggregator(LARGEST))
                                .addLast(new Connection());
                    }
                })
                .connect("127.0.0.1", port)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        refused("can't connect");
                    }
                });
    }

    /** Writes a message, unless it must wait for replies or for its connection; returns whether it did. */
    boolean send() {
        Channel to = channel;
        boolean full = load.plan().form().answered() && inFlight >= load.plan().window();
        if (to == null || full || !to.isWritable()) {
            return false;
        }
        inFlight++;
        Numbered message = new Numbered(number, replies.sent(System.nanoTime()));
        String text = load.plan().form().request(message, load.plan().filler());
        to.write(new TextWebSocketFrame(text), to.voidPromise());
        return true;
    }

    void flush() {
        if (channel != null) {
            channel.flush();
        }
    }

    void read(boolean on) {
        if (channel != null) {
            channel.config().setAutoRead(on);
        }
    }

    /** Says goodbye; the end of the connection doesn't count. */
    void end() {
        Channel open = channel;
        channel = null;
        if (open != null) {
            open.config().setAutoRead(true);
            open.writeAndFlush(new CloseWebSocketFrame(1000, "")).addListener(written -> open.close());
        }
    }

    private void opened(Channel open) {
        if (load.over()) {
            open.close();
            return;
        }
        channel = open;
        load.opened(!connectedBefore);
        connectedBefore = true;
    }

    private void refused(String reason) {
        if (!load.over()) {
            load.refused(reason);
            dialLater();
        }
    }

    private void closed(Channel which, String code) {
        if (channel != which) {
            return; // told already, or the run is over
        }
        channel = null;
        load.settled(inFlight);
        inFlight = 0;
        replies.closed();
        load.closed(code);
        dialLater();
    }

    private void dialLater() {
        int wait = LEAST_WAIT_MILLIS + ThreadLocalRandom.current().nextInt(SPREAD_MILLIS);
        load.loop().schedule(this::dial, wait, TimeUnit.MILLISECONDS);
    }

    private void arrived(String text) {
        Numbered reply = load.plan().form().readReply(text);
        if (reply != null && reply.client() == number) {
            int before = replies.answered();
            replies.arrived(reply.sequence(), System.nanoTime());
            settled(replies.answered() - before);
        } else if (load.plan().form().isError(text)) {
            replies.error();
            settled(1);
        } else {
            replies.wrong();
        }
    }

    private void settled(int count) {
        int settled = Math.min(count, inFlight);
        inFlight -= settled;
        load.settled(settled);
    }

    /** Reads one connection. */
    private final class Connection extends SimpleChannelInboundHandler<WebSocketFrame> {

        private boolean agreed;
        private boolean failed;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
                agreed = true;
                opened(context.channel());
            } else if (event == ClientHandshakeStateEvent.HANDSHAKE_TIMEOUT) {
                fail(context, "no answer");
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof TextWebSocketFrame text) {
                arrived(text.text());
            } else if (frame instanceof CloseWebSocketFrame farewell) {
                closed(context.channel(), Integer.toString(farewell.statusCode() < 0 ? 1005 : farewell.statusCode()));
                context.writeAndFlush(farewell.retain()).addListener(written -> context.close());
            } else {
                replies.wrong();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (agreed) {
                closed(context.channel(), "1006");
            } else {
                fail(context, "closed during the handshake");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!agreed) {
                fail(context, reason(cause));
            }
            context.close();
        }

        private void fail(ChannelHandlerContext context, String reason) {
            if (!failed) {
                failed = true;
                refused(reason);
                context.close();
            }
        }
    }

    private static String reason(Throwable cause) {
        return cause instanceof WebSocketClientHandshakeException refused && refused.response() != null
                ? "HTTP " + Objects.requireNonNull(refused.response()).status().code()
                : cause.getClass().getSimpleName();
    }
}
