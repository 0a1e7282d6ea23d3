package io.tidegate.server.upstream.health;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What an endpoint does when it is the gateway who asks: tells an endpoint in trouble from a client that nobody could serve.
 *
 * <p>All who want to know at about the same time are told the same, so that a client who fails often doesn't have its endpoint
 * asked as often.
 *
 * <p><b>Threads:</b> subscribed to on any, answers on the home loop. <b>State:</b> shared; for each path that is asked for, of
 * which there are as many as routes.
 */
final class SecondOpinion {

    /** How long what was found is true. */
    private static final Duration HOLDS = Duration.ofMillis(100);

    private final HealthCheck check;
    private final Scheduler home;
    private final long timeoutNanos;
    private final long stayNanos;
    private final Map<String, Mono<Finding>> handshakes = new ConcurrentHashMap<>();
    private final Map<String, Mono<Finding>> legs = new ConcurrentHashMap<>();

    /**
     * @param timeoutNanos how long a handshake may take; shorter than a client's, as somebody waits who has waited already
     * @param stayNanos how long a leg has to live
     */
    SecondOpinion(HealthCheck check, EventLoop home, long timeoutNanos, long stayNanos) {
        this.check = check;
        this.home = Schedulers.fromExecutorService(home);
        this.timeoutNanos = timeoutNanos;
        this.stayNanos = stayNanos;
    }

    /** Of a handshake that asks for {@code path}. */
    Mono<Finding> ofHandshake(String path) {
        return handshakes.computeIfAbsent(path, asked -> shared(check.handshake(asked, timeoutNanos)));
    }

    /** Of a leg that asked for {@code path}. */
    Mono<Finding> ofLeg(String path) {
        return legs.computeIfAbsent(path, asked -> shared(check.stay(asked, timeoutNanos, stayNanos)));
    }

    private Mono<Finding> shared(Mono<Finding> look) {
        return look.defaultIfEmpty(Finding.TROUBLED).subscribeOn(home).cache(HOLDS, home);
    }
}
