package io.tidegate.retry;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry.RetrySignal;

/**
 * What {@link Attempts} decides, as the companion of {@code retryWhen}: each of its values starts an attempt, its error ends
 * the run.
 *
 * <p>The deadline is merged into the waits, and so may come at any time. {@code retryWhen} then cancels the attempt under way
 * and serialises the error with what that emits; the end of the companion cancels the waits, as does the subscriber's
 * cancel or completion. Whoever ends the run first, deadline or last failure, keeps the other silent.
 *
 * <p><b>State:</b> one instance per subscription.
 */
final class RetryRun {

    private static final Logger LOG = LoggerFactory.getLogger(RetryRun.class);

    private final RetryPolicy policy;
    private final Scheduler scheduler;
    private final Attempts attempts;
    private final AtomicBoolean over = new AtomicBoolean();

    RetryRun(RetryPolicy policy) {
        this.policy = policy;
        this.scheduler = policy.scheduler();
        this.attempts = new Attempts(policy, policy.ticker.nanos());
    }

    Publisher<Long> companion(Flux<RetrySignal> failures) {
        Flux<Long> starts = failures.concatMap(failure -> afterFailure(failure.failure()), 1);
        if (policy.config.hasDeadline()) {
            Mono<Long> deadline = Mono.delay(policy.config.deadline(), scheduler);
            starts = starts.mergeWith(deadline.flatMap(tick -> giveUp(GiveUpReason.DEADLINE)));
        }
        // An onErrorContinue downstream would swallow the error that ends the run, and the subscriber would wait for
        // ever.
        return starts.onErrorStop();
    }

    private Mono<Long> afterFailure(Throwable error) {
        long wait = attempts.failed(error, policy.ticker.nanos());
        if (wait == Attempts.GIVE_UP) {
            return giveUp(attempts.reason());
        }
        if (attempts.isHeldBack()) {
            tell(listener -> listener.onHeldBack(attempts.attempts(), wait));
        } else {
            tell(listener -> listener.onRetry(attempts.attempts(), wait, error));
        }
        return delay(wait).expand(tick -> afterWait()).last();
    }

    /** Another wait, or nothing more to wait for. */
    private Mono<Long> afterWait() {
        long wait = attempts.waited(policy.ticker.nanos());
        if (wait == Attempts.START) {
            return Mono.empty();
        }
        if (wait == Attempts.GIVE_UP) {
            return giveUp(attempts.reason());
        }
        tell(listener -> listener.onHeldBack(attempts.attempts(), wait));
        return delay(wait);
    }

    /** The error that ends the run; nothing, ever, when it was ended already. */
    private Mono<Long> giveUp(GiveUpReason reason) {
        if (!over.compareAndSet(false, true)) {
            return Mono.never();
        }
        Throwable cause = attempts.cause();
        tell(listener -> listener.onGaveUp(reason, attempts.attempts(), cause));
        return Mono.error(
                reason == GiveUpReason.NOT_RETRYABLE && cause != null
                        ? cause
                        : attempts.exhausted(reason, policy.ticker.nanos()));
    }

    private Mono<Long> delay(long nanos) {
        return Mono.delay(Duration.ofNanos(nanos), scheduler);
    }

    private void tell(Consumer<RetryListener> event) {
        try {
            event.accept(policy.listener);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.warn("a retry listener failed", e);
        }
    }
}
