package io.tidegate.bench.load;

import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntPredicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;

/** An upstream over a real socket that echoes, or misbehaves in a way the test chose. */
final class EchoServer implements AutoCloseable {

    private static final int LARGEST = 1 << 24;
    private static final WebsocketServerSpec SPEC =
            WebsocketServerSpec.builder().maxFramePayloadLength(LARGEST).build();

    private final DisposableServer server;

    private EchoServer(IntPredicate refuses, Function<Flux<String>, Flux<WebSocketFrame>> replies) {
        AtomicInteger connections = new AtomicInteger();
        this.server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    if (refuses.test(connections.getAndIncrement())) {
                        return response.status(503).sendString(Mono.just("no"));
                    }
                    return response.sendWebsocket(
                            (in, out) -> {
                                Flux<String> messages = in.aggregateFrames(LARGEST)
                                        .receiveFrames()
                                        .ofType(TextWebSocketFrame.class)
                                        .map(TextWebSocketFrame::text);
                                return out.sendObject(replies.apply(messages), each -> true);
                            },
                            SPEC);
                })
                .bindNow();
    }

    /** Echoes each message once, in order. */
    static EchoServer faithful() {
        return refusing(connection -> false);
    }

    /** Refuses some connections with 503, by their number from 0; echoes on the others. */
    static EchoServer refusing(IntPredicate which) {
        return new EchoServer(which, messages -> messages.map(TextWebSocketFrame::new));
    }

    /** Replies to the message at {@code index}, from 0, of each connection with what the function says. */
    static EchoServer replyingEach(BiFunction<Long, String, List<String>> reply) {
        return new EchoServer(
                connection -> false,
                messages -> messages.index()
                        .concatMapIterable(message -> reply.apply(message.getT1(), message.getT2()))
                        .map(TextWebSocketFrame::new));
    }

    /** Echoes, then closes each connection after so many messages. */
    static EchoServer closingAfter(int count, int code) {
        return new EchoServer(
                connection -> false,
                messages -> messages.index().concatMap(message -> {
                    long index = message.getT1();
                    WebSocketFrame echo = new TextWebSocketFrame(index < count ? message.getT2() : "too late");
                    return index == count - 1 ? Flux.just(echo, new CloseWebSocketFrame(code, "bye")) : Flux.just(echo);
                }));
    }

    /** Echoes, but when the message at {@code index} arrives, stands still for a while. */
    static EchoServer stallingAt(long index, Duration stall) {
        return new EchoServer(
                connection -> false,
                messages -> messages.index()
                        .concatMap(message -> message.getT1() == index
                                ? Mono.just(message.getT2()).delayElement(stall)
                                : Mono.just(message.getT2()))
                        .map(TextWebSocketFrame::new));
    }

    URI uri() {
        return URI.create("ws://127.0.0.1:" + server.port() + "/");
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(5));
    }
}
