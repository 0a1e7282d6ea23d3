package io.tidegate.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.Sender;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.failure.UnavailableException;
import io.tidegate.server.handshake.HandshakeGate;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.handshake.UnsupportedVersionException;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.log.Lines;
import io.tidegate.server.route.Route;
import io.tidegate.server.route.RouteTable;
import io.tidegate.server.session.Lifecycle;
import io.tidegate.server.session.Session;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.traffic.Timing;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.UpstreamLeg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.WebsocketServerSpec;

/**
 * Takes each connection from its request to its session: checks the request, finds the route, has the upstream dialled,
 * and only then answers the client; or answers with the refusal or failure that came up on the way.
 *
 * <p><b>Signals:</b> reactor-netty cancels what {@link #apply} returned when the client goes; dialling is given up then.
 * <b>Threads:</b> {@link #apply} on the event loop of the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing needs no answer
final class Acceptor implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    /** The seconds that a client is asked to wait when the gateway is draining. */
    private static final String RETRY_AFTER_SECONDS = "5";

    private static final CloseStatus CLIENT_GONE = new CloseStatus(CloseStatus.GOING_AWAY, "client gone");

    /** The result of a handshake whose client went before its end. */
    private static final String ABANDONED = "abandoned";

    private static final WebsocketServerSpec SPEC =
            WebsocketServerSpec.builder().handlePing(true).build();

    private static final Set<String> KEPT_HANDLERS =
            Set.of(NettyPipeline.SslHandler, NettyPipeline.ReactiveBridge, HandshakeGate.NAME);

    private final RouteTable routes;
    private final RouteTraffic unrouted;
    private final Lines lines;
    private final AtomicLong numbers = new AtomicLong();
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger handshakes = new AtomicInteger();
    private volatile @Nullable Drain drain;

    /** @param unrouted counts what fails before it has a route */
    Acceptor(RouteTable routes, RouteTraffic unrouted, Lines lines) {
        this.routes = routes;
        this.unrouted = unrouted;
        this.lines = lines;
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        Channel channel = channelOf(response);
        LoopTraffic[] traffic = {unrouted.on(channel.eventLoop())};
        Arrival arrival = new Arrival(lines, request, channel);
        handshakes.incrementAndGet();
        long startNanos = System.nanoTime();
        return Mono.defer(() -> {
                    OpeningRequest opening = OpeningRequest.of(
                            request.method(),
                            request.version(),
                            request.uri(),
                            request.requestHeaders(),
                            request.remoteAddress());
                    Route route = routes.find(opening.host(), opening.path());
                    if (route == null) {
                        throw new GatewayException(
                                Failure.NO_ROUTE, "no route for " + opening.path() + " on host " + opening.host());
                    }
                    traffic[0] = route.traffic().on(channel.eventLoop());
                    if (drain != null) {
                        throw new GatewayException(Failure.UNAVAILABLE, "the gateway is draining");
                    }
                    Lifecycle life = new Lifecycle(
                            arrival.session(
                                    numbers.incrementAndGet(), route.traffic().route()),
                            traffic[0]);
                    Call call = call(route, opening, traffic[0]);
                    return route.upstream()
                            .dial(call, channel.eventLoop())
                            .doOnError(failure -> life.failed())
                            .doOnCancel(life::failed)
                            .flatMap(upstream -> upgrade(
                                    response, channel, route, new Opened(arrival, life, call, upstream, startNanos)));
                })
                .onErrorResume(failure -> refuse(response, arrival, traffic[0], failure))
                .doOnCancel(() -> {
                    traffic[0].failed(ABANDONED);
                    arrival.abandoned();
                })
                .doFinally(signal -> handshakes.decrementAndGet());
    }

    /** Lets no more sessions begin; those that are still in their handshake are the drain's as soon as they are out of it. */
    void end(Drain by) {
        drain = by;
    }

    /** Whether no session and no handshake is under way. */
    boolean isIdle() {
        return handshakes.get() == 0 && sessions.isEmpty();
    }

    /** The sessions that are under way. */
    Set<Session> sessions() {
        return sessions;
    }

    /** A session on its way from the dial to the client's 101. */
    private record Opened(Arrival arrival, Lifecycle life, Call call, UpstreamLeg upstream, long startNanos) {

        void abandon() {
            life.failed();
            upstream.abandon(CLIENT_GONE);
        }
    }

    private static Call call(Route route, OpeningRequest opening, LoopTraffic traffic) {
        OpeningRequest asked = route.terms().standalone() ? opening.standalone() : opening;
        return new Call(
                asked, route.path(), route.limits(), route.terms().granularity(), traffic.upstreamMeter(), null);
    }

    private Mono<Void> upgrade(HttpServerResponse response, Channel channel, Route route, Opened opened) {
        UpstreamLeg upstream = opened.upstream;
        return Mono.defer(() -> {
                    response.responseHeaders().add(upstream.answer().headers());
                    String extensions = upstream.answer().extensions();
                    if (extensions != null) {
                        response.header(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, extensions);
                    }
                    // Set as a header, not left to Netty to select: it looks at the first of several offers only.
                    String subprotocol = upstream.answer().subprotocol();
                    if (subprotocol != null) {
                        response.header(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
                    }
                    return response.sendWebsocket(
                            (in, out) -> {
                                relay(channel, route, opened);
                                // The session ends the connection; to complete would have reactor-netty send a Close.
                                return Mono.never();
                            },
                            SPEC);
                })
                .doOnCancel(opened::abandon)
                .onErrorResume(failure -> {
                    opened.abandon();
                    if (failure instanceof IOException || !channel.isActive()) {
                        opened.arrival.abandoned();
                        route.traffic().on(channel.eventLoop()).failed(ABANDONED);
                    } else {
                        opened.arrival.broken(failure);
                        channel.close();
                    }
                    return Mono.empty();
                });
    }

    private void relay(Channel channel, Route route, Opened opened) {
        UpstreamLeg upstream = opened.upstream;
        boolean compressed = upstream.answer().extensions() != null;
        LoopTraffic traffic = route.traffic().on(channel.eventLoop());
        traffic.took(Timing.HANDSHAKE, System.nanoTime() - opened.startNanos);
        Leg client =
                new Leg(Sender.CLIENT, route.limits(), route.terms().granularity(), compressed, traffic.clientMeter());
        ChannelPipeline pipeline = channel.pipeline();
        for (Map.Entry<String, ChannelHandler> handler : pipeline.toMap().entrySet()) {
            if (!KEPT_HANDLERS.contains(handler.getKey())) {
                pipeline.remove(handler.getValue());
            }
        }
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        pipeline.addAfter(HandshakeGate.NAME, "tidegate.leg", client);
        pipeline.remove(HandshakeGate.NAME);
        Session session = new Session(
                opened.life,
                route.terms(),
                route.upstream(),
                opened.call.agreedOn(upstream.answer()),
                client,
                upstream,
                traffic,
                this::ended);
        sessions.add(session);
        session.start();
        Drain by = drain;
        if (by != null) {
            by.joined(session);
        }
    }

    private void ended(Session session) {
        Drain by = drain;
        if (by != null) {
            by.left(session);
        }
        sessions.remove(session);
    }

    private Mono<Void> refuse(HttpServerResponse response, Arrival arrival, LoopTraffic traffic, Throwable failure) {
        GatewayException known = failure instanceof GatewayException gateway
                ? gateway
                : new GatewayException(Failure.INTERNAL, "internal error", failure);
        traffic.failed(known.failure().result());
        arrival.failed(known);
        response.keepAlive(false);
        if (known instanceof RefusedException refused) {
            response.status(refused.status()).headers(refused.headers());
            response.keepAlive(false);
            return response.sendByteArray(Mono.just(refused.body())).then();
        }
        if (known instanceof UnsupportedVersionException) {
            response.header(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        if (known.failure() == Failure.NOT_WEBSOCKET || known instanceof UnsupportedVersionException) {
            response.header(HttpHeaderNames.UPGRADE, "websocket");
        }
        if (known.failure() == Failure.UNAVAILABLE) {
            response.header(
                    HttpHeaderNames.RETRY_AFTER,
                    known instanceof UnavailableException unavailable
                            ? Long.toString(unavailable.retryAfterSeconds())
                            : RETRY_AFTER_SECONDS);
        }
        HttpResponseStatus status = known instanceof UnsupportedVersionException
                ? HttpResponseStatus.UPGRADE_REQUIRED
                : HttpResponseStatus.valueOf(known.failure().httpStatus());
        // What a client did wrong it is told; what goes on behind the gateway is none of its business.
        String why = known.failure().source() == Failure.Source.CLIENT ? ": " + known.text() : "";
        byte[] body = (status + why + '\n').getBytes(StandardCharsets.UTF_8);
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .sendByteArray(Mono.just(body))
                .then();
    }

    private static Channel channelOf(HttpServerResponse response) {
        Channel[] holder = new Channel[1];
        response.withConnection(connection -> holder[0] = connection.channel());
        return holder[0];
    }
}
