package io.tidegate.server.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.resolver.NoopAddressResolverGroup;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.frame.Sender;
import io.tidegate.server.failure.DialException;
import io.tidegate.server.failure.DialException.Fault;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.failure.UnavailableException;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.handshake.UpstreamHandshake;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.leg.LegMeter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;

/**
 * Makes connections to one address: TCP, then the opening handshake.
 *
 * <p>By reactor-netty's TcpClient, on the event loop of whoever dials; why not by its HttpClient is told in {@code
 * docs/adr/0002}.
 */
public final class Dialler {

    private static final String CODEC = "tidegate.httpCodec";
    private static final String HANDSHAKE = "tidegate.handshake";
    private static final String LEG = "tidegate.leg";

    /** What the system calls it when it is the gateway that has no more files, ports or buffers: no endpoint's fault. */
    private static final List<String> LOCAL =
            List.of("Too many open files", "Cannot assign requested address", "No buffer space available");

    /** When to ask again after that. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final URI uri;
    private final boolean isLookedUp;
    private final TcpClient client;
    private final long timeoutNanos;

    /**
     * What to ask for.
     *
     * @param target path and query
     * @param limits what the other end may send
     * @param granularity what its batches consist of
     * @param meter told of messages that come on the leg, and of those that are written to it
     * @param agreed what the answer has to fit; {@code null} when anything will do that was offered
     */
    public record Opening(
            OpeningRequest request,
            String target,
            FrameLimits limits,
            Granularity granularity,
            LegMeter meter,
            @Nullable OpeningAnswer agreed) {}

    /**
     * @param uri where to
     * @param address of the URI's host; {@code null} to have it looked up with each dial
     * @param timeout bounds connecting and handshake together
     */
    public Dialler(URI uri, @Nullable InetAddress address, Duration timeout, LoopResources loops) {
        this.uri = uri;
        this.isLookedUp = address == null;
        this.timeoutNanos = timeout.toNanos();
        // To a name, runOn adds a resolver, in a cache of the process that keeps it and the loops for good: what is
        // dialled by
        // address is told first that it needs none.
        this.client = target(uri, address)
                .runOn(loops)
                .option(ChannelOption.RECVBUF_ALLOCATOR, Leg.READS)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(Math.max(1, timeout.toMillis())));
    }

    private static TcpClient target(URI uri, @Nullable InetAddress address) {
        TcpClient base = TcpClient.newConnection();
        if (address == null) {
            return base.host(uri.getHost()).port(uri.getPort());
        }
        InetSocketAddress remote = new InetSocketAddress(address, uri.getPort());
        return base.resolver(NoopAddressResolverGroup.INSTANCE).remoteAddress(() -> remote);
    }

    /**
     * Connects, and has the handshake done.
     *
     * <p><b>Signals:</b> what {@code onLeg} makes of the answer and the leg, or a {@link GatewayException}. Cancel: the
     * connection is closed. <b>Threads:</b> subscribed to and answered on {@code loop}.
     */
    public <T> Mono<T> dial(Opening opening, EventLoop loop, BiFunction<OpeningAnswer, Leg, T> onLeg) {
        return Mono.defer(() -> {
            long start = System.nanoTime();
            return connect(loop).onErrorMap(Dialler::dialFailed).flatMap(connection -> {
                long left = timeoutNanos - (System.nanoTime() - start);
                return handshake(connection, opening, left)
                        .map(answer -> onLeg.apply(answer, upgraded(connection.channel(), opening, answer)));
            });
        });
    }

    /**
     * Netty bounds one attempt to connect to one address. Looking a name up, and the addresses that it may have, take their
     * time too, so with a name there is a timer around all of it.
     */
    private Mono<? extends Connection> connect(EventLoop loop) {
        return isLookedUp
                ? client.connect()
                        .timeout(
                                LoopDelay.of(loop, timeoutNanos),
                                Mono.error(() -> new ConnectTimeoutException("no connection to " + uri)))
                : client.connect();
    }

    private Mono<OpeningAnswer> handshake(Connection connection, Opening opening, long nanosLeft) {
        Channel channel = connection.channel();
        return Mono.<OpeningAnswer>create(sink -> {
                    sink.onCancel(connection);
                    channel.pipeline()
                            .addFirst(CODEC, new HttpClientCodec(decoderConfig(), false, true))
                            .addAfter(
                                    CODEC,
                                    HANDSHAKE,
                                    new UpstreamHandshake(opening.request(), opening.target(), nanosLeft, sink));
                })
                .flatMap(answer -> {
                    String difference = difference(opening.agreed(), answer);
                    if (difference == null) {
                        return Mono.just(answer);
                    }
                    connection.dispose();
                    return Mono.error(new DialException(Failure.UPSTREAM_FAILED, Fault.NOBODY, difference, null));
                });
    }

    private static Leg upgraded(Channel channel, Opening opening, OpeningAnswer answer) {
        boolean compressed = answer.extensions() != null;
        Leg leg = new Leg(Sender.SERVER, opening.limits(), opening.granularity(), compressed, opening.meter());
        ChannelPipeline pipeline = channel.pipeline();
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        pipeline.addAfter(HANDSHAKE, LEG, leg);
        pipeline.remove(HANDSHAKE);
        // The codec hands what it has read behind the 101 to the leg.
        pipeline.remove(CODEC);
        return leg;
    }

    /** What the client was told and this endpoint doesn't do; {@code null} when it fits. */
    private static @Nullable String difference(@Nullable OpeningAnswer agreed, OpeningAnswer answer) {
        if (agreed == null) {
            return null;
        }
        if (!Objects.equals(answer.subprotocol(), agreed.subprotocol())) {
            return "it chose subprotocol " + orNone(answer.subprotocol()) + " (expected: "
                    + orNone(agreed.subprotocol()) + ", as the client was told)";
        }
        if (!answer.fits(agreed)) {
            return "it chose extension " + orNone(answer.extensions()) + " (expected: " + orNone(agreed.extensions())
                    + ", as the client was told)";
        }
        return null;
    }

    private static String orNone(@Nullable String text) {
        return text == null ? "none" : text;
    }

    private static HttpDecoderConfig decoderConfig() {
        return new HttpDecoderConfig().setMaxInitialLineLength(8 * 1024).setMaxHeaderSize(64 * 1024);
    }

    private static GatewayException dialFailed(Throwable cause) {
        String what = String.valueOf(cause.getMessage());
        if (LOCAL.stream().anyMatch(what::contains)) {
            return new UnavailableException("the gateway can't open a connection: " + what, AGAIN);
        }
        return cause instanceof ConnectTimeoutException
                ? new DialException(
                        Failure.UPSTREAM_TIMEOUT, Fault.ENDPOINT, "no connection within connectTimeout", cause)
                : new DialException(Failure.UPSTREAM_FAILED, Fault.ENDPOINT, what, cause);
    }
}
