package io.tidegate.server.upstream.health;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.ControlFrames;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.FrameWalker;
import io.tidegate.frame.Granularity;
import io.tidegate.frame.Sender;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.handshake.Compression;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.leg.LegLostException;
import io.tidegate.server.leg.LegMeter;
import io.tidegate.server.upstream.dial.Dialler;
import io.tidegate.server.upstream.dial.LoopDelay;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/**
 * A look at an endpoint: a real opening handshake with nothing of a client's, and what becomes of the connection if it is
 * granted.
 *
 * <p><b>Threads:</b> the home loop.
 */
final class HealthCheck {

    private static final CloseStatus DONE = new CloseStatus(1000, "");

    /** What an endpoint may send before it learns that nobody is interested. */
    private static final FrameLimits LIMITS = new FrameLimits(1 << 20, 1 << 20);

    /** Codes of a Close by which an endpoint goes away; what a route says of them is for clients. */
    private static final Set<Integer> LEAVING = ContinuityConfig.DEFAULTS.lostCodes();

    private final Dialler dialler;
    private final EventLoop home;
    private final URI endpoint;

    HealthCheck(Dialler dialler, URI endpoint, EventLoop home) {
        this.dialler = dialler;
        this.endpoint = endpoint;
        this.home = home;
    }

    /** The endpoint's own path. */
    String path() {
        String path = endpoint.getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /**
     * Has a handshake done, and if it is granted, closes with 1000.
     *
     * <p><b>Signals:</b> what it found; never an error.
     */
    Mono<Finding> handshake(String path, long timeoutNanos) {
        return dial(path, timeoutNanos)
                .doOnNext(leg -> leg.abandon(DONE))
                .map(leg -> Finding.WELL)
                .onErrorResume(failure -> Mono.just(Finding.of(failure)));
    }

    /**
     * The same, but keeps the connection for a while, and sends a Ping. It is well if the connection is still there after that,
     * and a Pong has come (RFC 6455, section 5.5.2).
     *
     * <p><b>Signals:</b> what it found, as soon as it is known; never an error.
     */
    Mono<Finding> stay(String path, long timeoutNanos, long stayNanos) {
        return dial(path, timeoutNanos)
                .flatMap(leg -> stay(leg, stayNanos))
                .onErrorResume(failure -> Mono.just(Finding.of(failure)));
    }

    private Mono<Leg> dial(String path, long timeoutNanos) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.HOST, endpoint.getRawAuthority())
                .set(HttpHeaderNames.USER_AGENT, "tidegate-health");
        OpeningRequest request =
                new OpeningRequest(path, endpoint.getRawAuthority(), headers, List.of(), null, Compression.END_TO_END);
        Dialler.Opening opening = new Dialler.Opening(request, path, LIMITS, Granularity.MESSAGES, LegMeter.NONE, null);
        return dialler.dial(opening, home, (answer, leg) -> leg)
                .timeout(LoopDelay.of(home, timeoutNanos), Mono.error(TimedOut::new));
    }

    private Mono<Finding> stay(Leg leg, long nanos) {
        AtomicBoolean answered = new AtomicBoolean();
        leg.send(ControlFrames.ping(leg.channel().alloc(), Sender.CLIENT, new byte[0]));
        leg.flush();
        return leg.receive()
                .doOnNext(batch -> {
                    if (hasPong(batch)) {
                        answered.set(true);
                    }
                })
                .then(Mono.fromSupplier(() -> closed(leg)))
                .timeout(
                        LoopDelay.of(home, nanos),
                        Mono.fromSupplier(() -> answered.get() ? Finding.WELL : Finding.DROPPED))
                // What it had to say may be too much for a look.
                .onErrorResume(
                        failure -> Mono.just(failure instanceof LegLostException ? Finding.DROPPED : Finding.ORDERLY))
                .doFinally(end -> leg.abandon(DONE));
    }

    private static Finding closed(Leg leg) {
        CloseStatus close = leg.receivedClose();
        return close == null || LEAVING.contains(close.code()) ? Finding.DROPPED : Finding.ORDERLY;
    }

    /** Takes the batch. */
    private static boolean hasPong(FrameBatch batch) {
        FrameWalker walker = new FrameWalker();
        try {
            walker.open(batch.bytes(), Sender.SERVER);
            boolean found = false;
            while (walker.next()) {
                found |= walker.isPong();
            }
            return found;
        } finally {
            batch.release();
        }
    }

    private static final class TimedOut extends RuntimeException {

        private static final long serialVersionUID = 1;

        TimedOut() {
            super("no answer in time", null, false, false);
        }
    }
}
