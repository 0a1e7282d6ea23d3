package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.tidegate.retry.Backoff;
import io.tidegate.retry.RetryBudget;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.upstream.EndpointPool.Tried;
import io.tidegate.server.upstream.dial.LoopDelay;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One client's run of dials before its 101. When one fails another endpoint is tried at once, or if all that are fit for it
 * have been tried, one of them after a backoff; until one answers, or attempts, deadline or budget are used up, or all
 * breakers have opened.
 *
 * <p><b>Threads:</b> the event loop of the client. <b>State:</b> one for each subscription.
 */
final class FirstDial {

    private final EndpointPool pool;
    private final RetryConfig config;
    private final Backoff backoff;
    private final RetryBudget budget;
    private final Tally<RetryResult> counters;
    private final Call call;
    private final String key;
    private final EventLoop loop;

    private final Tried tried = new Tried();
    private final Map<Endpoint, GatewayException> failures = new LinkedHashMap<>();
    private int attempts;
    private int backoffs;

    FirstDial(
            EndpointPool pool,
            RetryConfig config,
            Backoff backoff,
            RetryBudget budget,
            Tally<RetryResult> counters,
            Call call,
            EventLoop loop) {
        this.pool = pool;
        this.config = config;
        this.backoff = backoff;
        this.budget = budget;
        this.counters = counters;
        this.call = call;
        this.key = pool.keyOf(call);
        this.loop = loop;
    }

    Mono<UpstreamLeg> start() {
        budget.deposit();
        return config.deadline().isZero()
                ? attempt()
                : attempt().timeout(LoopDelay.of(loop, config.deadline().toNanos()), Mono.error(this::late));
    }

    private Mono<UpstreamLeg> attempt() {
        Attempt next = pool.select(key, tried);
        return next == null ? Mono.error(failures.isEmpty() ? pool.unavailable() : failure(null)) : dial(next);
    }

    private Mono<UpstreamLeg> dial(Attempt attempt) {
        Endpoint endpoint = attempt.endpoint();
        attempts++;
        tried.add(endpoint);
        boolean isRetry = attempts > 1;
        return attempt.dial(call, loop)
                .doOnNext(leg -> count(isRetry, RetryResult.SUCCESS))
                .onErrorResume(GatewayException.class, failure -> {
                    // One that refuses has answered.
                    boolean isAnswer = failure instanceof RefusedException refused && !refused.isTrouble();
                    count(isRetry, isAnswer ? RetryResult.SUCCESS : RetryResult.FAILURE);
                    return failure.isRetryable() ? failed(endpoint, failure) : Mono.error(failure);
                });
    }

    private Mono<UpstreamLeg> failed(Endpoint endpoint, GatewayException failure) {
        failures.put(endpoint, failure);
        Attempt next = attempts >= config.maxAttempts() ? null : pool.select(key, tried);
        if (next == null) {
            return Mono.error(failure(failure));
        }
        if (!budget.tryTake()) {
            next.giveBack();
            counters.count(RetryResult.DENIED);
            return Mono.error(failure(failure));
        }
        if (!tried.contains(next.endpoint())) {
            return dial(next);
        }
        next.giveBack();
        tried.startOver();
        return LoopDelay.of(loop, backoff.delayNanos(backoffs++)).then(Mono.defer(this::attempt));
    }

    private void count(boolean isRetry, RetryResult result) {
        if (isRetry) {
            counters.count(result);
        }
    }

    private GatewayException late() {
        return failures.isEmpty()
                ? new GatewayException(Failure.UPSTREAM_TIMEOUT, "no leg within " + config.deadline())
                : failure(null);
    }

    /** All endpoints with what they failed with last; of the kind of the last one. */
    private GatewayException failure(@Nullable GatewayException last) {
        GatewayException of = last;
        if (of == null) {
            for (GatewayException failure : failures.values()) {
                of = failure;
            }
        }
        if (of != null && failures.size() == 1) {
            return of;
        }
        String text = failures.values().stream().map(GatewayException::text).collect(Collectors.joining("; "));
        return of == null ? pool.unavailable() : new GatewayException(of.failure(), text, of.getCause());
    }
}
