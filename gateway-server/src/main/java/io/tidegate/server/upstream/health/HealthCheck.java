package io.tidegate.server.upstream.health;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.server.handshake.Compression;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.upstream.dial.Dialler;
import io.tidegate.server.upstream.dial.LoopDelay;
import java.net.URI;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * One look at an endpoint: a real opening handshake, and if it is granted, Close with 1000. Any answer below 500 will do, as
 * one who says 401 is there.
 */
final class HealthCheck {

    private static final CloseStatus DONE = new CloseStatus(1000, "");

    /** What an endpoint may send before it learns that nobody is interested. */
    private static final FrameLimits LIMITS = new FrameLimits(64 * 1024, 64 * 1024);

    private final Dialler dialler;
    private final EventLoop home;
    private final Dialler.Opening opening;

    HealthCheck(Dialler dialler, URI endpoint, EventLoop home) {
        this.dialler = dialler;
        this.home = home;
        String path = endpoint.getRawPath();
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.HOST, endpoint.getRawAuthority())
                .set(HttpHeaderNames.USER_AGENT, "tidegate-health");
        OpeningRequest request = new OpeningRequest(
                path == null || path.isEmpty() ? "/" : path,
                endpoint.getRawAuthority(),
                headers,
                List.of(),
                null,
                Compression.END_TO_END);
        this.opening = new Dialler.Opening(request, request.target(), LIMITS, Granularity.FRAMES, null);
    }

    /**
     * Checks.
     *
     * <p><b>Signals:</b> whether it passed; never an error. <b>Threads:</b> the home loop.
     */
    Mono<Boolean> once(long timeoutNanos) {
        return dialler.dial(opening, home, (answer, leg) -> {
                    leg.abandon(DONE);
                    return true;
                })
                .timeout(LoopDelay.of(home, timeoutNanos), Mono.just(false))
                .onErrorResume(failure -> Mono.just(failure instanceof RefusedException refused
                        && refused.status().code() < 500));
    }
}
