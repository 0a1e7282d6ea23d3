package io.tidegate.retry;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;
import reactor.util.retry.Retry;

/**
 * What is tried again, when, and how often: the {@link RetryConfig}, and all that the retries of one target share.
 *
 * <p>{@link #retry()} is for {@code retryWhen} of a Flux or a Mono:
 *
 * <p><b>Signals:</b> values and completion pass. An error that is not {@linkplain Builder#retryOn worth a retry} passes as it
 * is; any other leads to another attempt, or, when there can be none, to a {@link RetryExhaustedException}. Another attempt
 * is another subscription: values of the failed one were passed on already. Cancel ends the attempt or the wait. At the
 * deadline the attempt under way is cancelled, one that goes on emitting included: an endless Flux wants none. <b>Demand:</b>
 * passes through; what a failed attempt didn't use is left for the next one. <b>Threads:</b> the first attempt starts on the
 * subscribing thread, further ones on the scheduler's. An attempt that emits all it has while it is being subscribed to isn't
 * interrupted. <b>Ownership:</b> no value is kept. <b>State:</b> of a policy none but what it was given, the budget above
 * all; attempts are counted, and the deadline runs, per subscription.
 */
public final class RetryPolicy {

    /** Beyond every deadline, and far from overflow. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(10_000);

    final RetryConfig config;
    final Backoff backoff;
    final RetryBudget budget;
    final Predicate<? super Throwable> retryOn;
    final Predicate<? super Throwable> refused;
    final RetryListener listener;
    final Ticker ticker;

    private final Supplier<Duration> untilOpen;
    private final ContextView retryContext;
    private final @Nullable Scheduler scheduler;

    private RetryPolicy(Builder builder) {
        this.config = builder.config;
        this.backoff = new Backoff(config.firstBackoff(), config.maxBackoff(), builder.random);
        this.budget = builder.budget;
        this.retryOn = builder.retryOn;
        this.refused = builder.refused;
        this.listener = builder.listener;
        this.ticker = builder.ticker;
        this.untilOpen = builder.untilOpen;
        this.retryContext = builder.retryContext;
        this.scheduler = builder.scheduler;
    }

    /** A policy with an unlimited budget and without a gate, which retries on every {@link Exception}. */
    public static RetryPolicy of(RetryConfig config) {
        return builder(config).build();
    }

    /** Begins with what {@link #of} gives. */
    public static Builder builder(RetryConfig config) {
        return new Builder(config);
    }

    /** For {@code retryWhen}; one may serve any number of subscriptions, at the same time too. */
    public Retry retry() {
        return new Retry(retryContext) {
            @Override
            public Publisher<?> generateCompanion(Flux<RetrySignal> failures) {
                return new RetryRun(RetryPolicy.this).companion(failures);
            }
        };
    }

    /** When to try again, and when to stop. */
    public RetryConfig config() {
        return config;
    }

    /** The newest default, not that of the time of building: virtual time replaces it. */
    Scheduler scheduler() {
        return scheduler == null ? Schedulers.parallel() : scheduler;
    }

    long untilOpenNanos() {
        Duration wait = untilOpen.get();
        if (wait.isNegative()) {
            return 0;
        }
        return (wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait).toNanos();
    }

    /** Collects what a policy consists of. <b>Threads:</b> one. */
    public static final class Builder {

        private final RetryConfig config;
        private RetryBudget budget = RetryBudget.UNLIMITED;
        private Predicate<? super Throwable> retryOn = Exception.class::isInstance;
        private Supplier<Duration> untilOpen = () -> Duration.ZERO;
        private Predicate<? super Throwable> refused = error -> false;
        private boolean gated;
        private RetryListener listener = RetryListener.NONE;
        private ContextView retryContext = Context.empty();
        private @Nullable Scheduler scheduler;
        private Ticker ticker = Ticker.system();
        private LongUnaryOperator random = Backoff.RANDOM;

        private Builder(RetryConfig config) {
            this.config = config;
        }

        /** Who pays for retries; unlimited by default. To be of use it is shared by all policies of one target. */
        public Builder budget(RetryBudget value) {
            budget = value;
            return this;
        }

        /** Which errors another attempt may mend; by default every {@link Exception}, and no {@link Error}. */
        public Builder retryOn(Predicate<? super Throwable> value) {
            retryOn = value;
            return this;
        }

        /**
         * Holds retries back while something, say a circuit breaker in the source, would refuse them. The gate is asked
         * after each failure and after each wait. A refusal leads to a wait and then to another try, whatever
         * {@link #retryOn} thinks of it; it is no attempt and costs no budget. When refusals go on although the gate says
         * zero (a half-open breaker that has given out its permits), the waits grow as any backoff. Only the deadline ends
         * this, so there must be one; a gate that is known to stay shut until then ends it at once.
         *
         * @param wait how long until an attempt could be let in; zero (or less) for now
         * @param refusal whether an error is the gate's refusal, so that the attempt never got to its target
         */
        public Builder gate(Supplier<Duration> wait, Predicate<? super Throwable> refusal) {
            untilOpen = wait;
            refused = refusal;
            gated = true;
            return this;
        }

        /** Who hears of decisions; nobody by default. */
        public Builder listener(RetryListener value) {
            listener = value;
            return this;
        }

        /** What {@link Retry.RetrySignal#retryContextView()} gives; empty by default. */
        public Builder retryContext(ContextView value) {
            retryContext = value;
            return this;
        }

        /** Where waits and the deadline run, and where attempts after the first start; by default parallel. */
        public Builder scheduler(Scheduler value) {
            scheduler = value;
            return this;
        }

        /** Measures the deadline; the machine's by default. */
        public Builder ticker(Ticker value) {
            ticker = value;
            return this;
        }

        /** Draws the jitter: gives for n > 0 a number from 0 to n - 1, each as likely as the others. */
        public Builder random(LongUnaryOperator value) {
            random = value;
            return this;
        }

        /** The policy; a gate needs a deadline. */
        public RetryPolicy build() {
            if (gated && !config.hasDeadline()) {
                throw new IllegalArgumentException("deadline: 0s (expected: > 0 with a gate)");
            }
            return new RetryPolicy(this);
        }
    }
}
