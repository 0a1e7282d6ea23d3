package io.tidegate.server.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Sender;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.handshake.UpstreamHandshake;
import io.tidegate.server.leg.Leg;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;

/**
 * One upstream address.
 *
 * <p>It is dialled by reactor-netty's TcpClient, on the event loop of the client leg; why not by its HttpClient is told in
 * {@code docs/adr/0002}.
 */
public final class Endpoint {

    private static final String CODEC = "tidegate.httpCodec";
    private static final String HANDSHAKE = "tidegate.handshake";
    private static final String LEG = "tidegate.leg";

    private final URI uri;
    private final boolean isNamed;
    private final long timeoutNanos;
    private final TcpClient client;

    Endpoint(URI uri, Duration connectTimeout, LoopResources loops) {
        this.uri = uri;
        this.isNamed = NetUtil.createByteArrayFromIpAddressString(uri.getHost()) == null;
        this.timeoutNanos = connectTimeout.toNanos();
        this.client = TcpClient.newConnection()
                .runOn(loops)
                .host(uri.getHost())
                .port(uri.getPort())
                .option(ChannelOption.RECVBUF_ALLOCATOR, Leg.READS)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(Math.max(1, connectTimeout.toMillis())));
    }

    /**
     * Dials, and has the handshake done.
     *
     * <p><b>Signals:</b> the leg, or a {@link GatewayException}. Cancel: the connection is closed. <b>Threads:</b>
     * subscribed to and answered on the client leg's event loop.
     *
     * @param prefix the path of the route, in place of which this endpoint's own path is asked for if it has one
     */
    Mono<UpstreamLeg> dial(OpeningRequest request, String prefix, FrameLimits limits, EventLoop loop) {
        return Mono.defer(() -> {
            long start = System.nanoTime();
            return connect(loop)
                    .onErrorMap(this::dialFailed)
                    .flatMap(connection -> {
                        long left = timeoutNanos - (System.nanoTime() - start);
                        return handshake(connection, request, target(request, prefix), left, limits);
                    })
                    .onErrorMap(GatewayException.class, this::named);
        });
    }

    /**
     * Netty bounds one attempt to connect to one address. Looking a name up, and the addresses that it may have, take their
     * time too, so with a name there is a timer around all of it.
     */
    private Mono<? extends Connection> connect(EventLoop loop) {
        if (!isNamed) {
            return client.connect();
        }
        return Mono.create(sink -> {
            Disposable attempt = client.connect().subscribe(sink::success, sink::error);
            ScheduledFuture<?> timer = loop.schedule(
                    () -> sink.error(new ConnectTimeoutException("no connection to " + uri)),
                    timeoutNanos,
                    TimeUnit.NANOSECONDS);
            sink.onDispose(() -> {
                timer.cancel(false);
                attempt.dispose();
            });
        });
    }

    private Mono<UpstreamLeg> handshake(
            Connection connection, OpeningRequest request, String target, long nanosLeft, FrameLimits limits) {
        Channel channel = connection.channel();
        return Mono.<OpeningAnswer>create(sink -> {
                    sink.onCancel(connection);
                    channel.pipeline()
                            .addFirst(CODEC, new HttpClientCodec(decoderConfig(), false, true))
                            .addAfter(CODEC, HANDSHAKE, new UpstreamHandshake(request, target, nanosLeft, sink));
                })
                .map(answer -> {
                    Leg leg = new Leg(Sender.SERVER, limits, answer.extensions() != null);
                    ChannelPipeline pipeline = channel.pipeline();
                    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                    pipeline.addAfter(HANDSHAKE, LEG, leg);
                    pipeline.remove(HANDSHAKE);
                    // The codec hands what it has read behind the 101 to the leg.
                    pipeline.remove(CODEC);
                    return new UpstreamLeg(this, answer, leg);
                });
    }

    private static HttpDecoderConfig decoderConfig() {
        return new HttpDecoderConfig().setMaxInitialLineLength(8 * 1024).setMaxHeaderSize(64 * 1024);
    }

    /** Path and query for this endpoint: the client's own, unless the endpoint has a path. */
    private String target(OpeningRequest request, String prefix) {
        String path = uri.getRawPath();
        if (path == null || path.isEmpty() || path.equals("/")) {
            return request.target();
        }
        String rest = request.target().substring(prefix.length());
        String joint = path.endsWith("/") && rest.startsWith("/") ? rest.substring(1) : rest;
        boolean apart = !path.endsWith("/") && !joint.isEmpty() && joint.charAt(0) != '/' && joint.charAt(0) != '?';
        return path + (apart ? "/" : "") + joint;
    }

    private Throwable dialFailed(Throwable cause) {
        return cause instanceof ConnectTimeoutException
                ? new GatewayException(Failure.UPSTREAM_TIMEOUT, "no connection within connectTimeout", cause)
                : new GatewayException(Failure.UPSTREAM_FAILED, String.valueOf(cause.getMessage()), cause);
    }

    private GatewayException named(GatewayException failure) {
        return failure.isRetryable()
                ? new GatewayException(failure.failure(), this + ": " + failure.text(), failure.getCause())
                : failure;
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
