package io.tidegate.server.demo;

import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.resources.LoopResources;

/**
 * A few WebSocket clients that send a message a second each, and connect again a second after they were closed.
 *
 * <p><b>Threads:</b> one event loop of its own; the counters may be read by any thread.
 */
public final class Traffic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Traffic.class);
    private static final String REFUSED = "Invalid handshake response getStatus: ";
    private static final Duration SECOND = Duration.ofSeconds(1);

    private volatile boolean closing;
    private final LoopResources loops = LoopResources.create("demo-clients", 1, true);
    private final LongAdder sent = new LongAdder();
    private final LongAdder echoed = new LongAdder();
    private final LongAdder connected = new LongAdder();
    private final URI uri;
    private final Disposable running;

    private Traffic(URI uri, int clients) {
        this.uri = uri;
        this.running = Flux.merge(
                        IntStream.rangeClosed(1, clients).mapToObj(this::client).toList())
                .subscribe();
    }

    /**
     * Starts clients.
     *
     * @param uri what they connect to
     * @param clients how many, at least 1
     */
    public static Traffic start(URI uri, int clients) {
        return new Traffic(uri, clients);
    }

    /** Messages sent so far. */
    public long sent() {
        return sent.sum();
    }

    /** Messages that came back so far. */
    public long echoed() {
        return echoed.sum();
    }

    /** Handshakes that succeeded so far. */
    public long connected() {
        return connected.sum();
    }

    /** Disconnects the clients. */
    @Override
    public void close() {
        closing = true;
        running.dispose();
        loops.disposeLater(Duration.ZERO, SECOND).block(SECOND.multipliedBy(2));
    }

    private Flux<Void> client(int number) {
        return HttpClient.newConnection()
                .runOn(loops, false)
                .websocket()
                .uri(uri)
                .handle((in, out) -> talk(number, in, out))
                .onErrorResume(error -> {
                    String reason = String.valueOf(error.getMessage());
                    LOG.info("client {}: {}", number, reason.replace(REFUSED, "refused with "));
                    return Mono.empty();
                })
                .then(Mono.delay(SECOND))
                .repeat()
                .thenMany(Flux.empty());
    }

    private Publisher<Void> talk(int number, WebsocketInbound in, WebsocketOutbound out) {
        connected.increment();
        LOG.info("client {}: connected", number);
        Flux<String> messages = Flux.interval(Duration.ZERO, SECOND)
                .onBackpressureDrop()
                .map(i -> "message " + i + " of client " + number)
                .doOnNext(message -> sent.increment());
        Mono<Void> echoes = in.receive().doOnNext(echo -> echoed.increment()).then();
        Mono<Void> end = in.receiveCloseStatus()
                .filter(status -> !closing)
                .doOnNext(status -> LOG.info("client {}: closed with {}", number, shown(status)))
                .then();
        return Mono.firstWithSignal(echoes, out.sendString(messages).then()).and(end);
    }

    private static String shown(WebSocketCloseStatus status) {
        return status.reasonText().isEmpty() ? status.code() + "" : status.code() + " " + status.reasonText();
    }
}
