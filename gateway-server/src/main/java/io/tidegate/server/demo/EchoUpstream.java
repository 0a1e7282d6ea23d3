package io.tidegate.server.demo;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.resources.LoopResources;
import reactor.util.retry.Retry;

/**
 * A WebSocket server on a loopback port that sends back each frame it gets, on any path.
 *
 * <p><b>Threads:</b> one event loop of its own. {@link #stop} and {@link #restart} block and are called by one thread at a
 * time.
 */
public final class EchoUpstream implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final int LARGEST_FRAME = 1 << 24;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** NIO lets go of a port with the next turn of its selector, a little after it says that the channel is closed. */
    private static final Retry RETRY =
            Retry.fixedDelay(50, Duration.ofMillis(20)).filter(ChannelBindException.class::isInstance);

    private final LoopResources loops = LoopResources.create("demo-echo", 1, true);
    private final int port;
    private @Nullable DisposableServer server;
    private ChannelGroup connections = group();

    private EchoUpstream() {
        this.server = bind(0);
        this.port = ((InetSocketAddress) server.address()).getPort();
    }

    /** Starts on any free port. */
    public static EchoUpstream start() {
        return new EchoUpstream();
    }

    /** {@code ws://127.0.0.1:PORT}. */
    public URI uri() {
        return URI.create("ws://" + HOST + ":" + port);
    }

    /** Stops listening and cuts every connection without a Close, as a process that dies does. */
    public synchronized void stop() {
        if (server != null) {
            server.channel().close().awaitUninterruptibly(PATIENCE.toMillis());
            connections.close().awaitUninterruptibly(PATIENCE.toMillis());
            server = null;
        }
    }

    /** Listens again, on the same port, after {@link #stop}. */
    public synchronized void restart() {
        if (server == null) {
            server = bind(port);
        }
    }

    /** Stops for good. */
    @Override
    public void close() {
        stop();
        loops.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
    }

    private DisposableServer bind(int onPort) {
        connections = group();
        WebsocketServerSpec spec = WebsocketServerSpec.builder()
                .maxFramePayloadLength(LARGEST_FRAME)
                .build();
        HttpServer http = HttpServer.create()
                .host(HOST)
                .port(onPort)
                .runOn(loops, false)
                .channelGroup(connections)
                .handle((request, response) -> response.sendWebsocket(
                        (in, out) -> out.sendObject(in.receiveFrames().map(WebSocketFrame::retain)), spec));
        return Objects.requireNonNull(
                http.bind().map(DisposableServer.class::cast).retryWhen(RETRY).block(PATIENCE));
    }

    private static ChannelGroup group() {
        return new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    }
}
