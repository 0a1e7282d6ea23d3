package io.tidegate.bench.fault.upstream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * {@code fault-upstream}: the process that fault scenarios start and break. It prints {@code ready PORT} when it takes
 * connections. SIGTERM makes it close its sessions with a code first; the end of its standard input ends it at once, so
 * that it never outlives the process that started it.
 */
@Command(name = "fault-upstream", hidden = true, description = "An upstream of a fault scenario.")
public final class UpstreamCommand implements Callable<Integer> {

    /** What is printed before the port. */
    public static final String READY = "ready ";

    private static final int LARGEST = 1 << 20;
    private static final int BACKLOG = 4096;
    private static final long FAREWELL_MILLIS = 2_000;

    @Option(names = "--host", defaultValue = "127.0.0.1")
    private String host;

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--log", required = true)
    private Path log;

    @Option(names = "--endpoint", defaultValue = "0")
    private int endpoint;

    @Option(names = "--close-code", defaultValue = "1012")
    private int closeCode;

    @CommandLine.Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills the options before call
    public UpstreamCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
        Journal.Writer journal = new Journal.Writer(log, endpoint);
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel listener = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(LARGEST))
                                .addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                                        .websocketPath("/")
                                        .checkStartsWith(true)
                                        .maxFramePayloadLength(LARGEST)
                                        .build()))
                                .addLast(new WebSocketFrameAggregator(LARGEST))
                                .addLast(new UpstreamSession(journal));
                    }
                })
                .bind(host, port)
                .syncUninterruptibly()
                .channel();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> sayGoodbye(listener, connections), "goodbye"));
        spec.commandLine().getOut().println(READY + ((java.net.InetSocketAddress) listener.localAddress()).getPort());
        spec.commandLine().getOut().flush();
        awaitEndOfInput();
        Runtime.getRuntime().halt(0);
        return 0;
    }

    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // whatever comes is of no interest
        }
    }

    /** Once the listener is closed there are no more connections; those amid their handshake are told as well. */
    private void sayGoodbye(Channel listener, ChannelGroup connections) {
        listener.close().awaitUninterruptibly(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
        for (Channel connection : connections) {
            connection.pipeline().fireUserEventTriggered(new UpstreamSession.Farewell(closeCode));
        }
        connections.newCloseFuture().awaitUninterruptibly(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    }
}
