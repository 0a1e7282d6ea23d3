package io.tidegate.retry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides, for one run of attempts, whether and when there is another.
 *
 * <p>It is told that an attempt {@linkplain #failed failed} or that a wait {@linkplain #waited is over}, and answers with
 * the nanoseconds to wait, with {@link #START}, or with {@link #GIVE_UP}. Every wait is the gate's, as far as it asks for
 * one, plus a jittered backoff, so that those who wait for the same gate don't arrive together. Only failures count as
 * attempts and cost budget; a refusal or a shut gate only lengthens the backoff, until the next failure.
 *
 * <p>The budget's token is taken when a failure is judged, not when the wait is over: who can't have one learns it at once,
 * and the number of those who wait is bounded too.
 *
 * <p><b>Threads:</b> {@link #failed} and {@link #waited} one after the other; {@link #attempts()}, {@link #cause()} and
 * {@link #exhausted} any. <b>State:</b> one instance per run; it begins, with its first attempt, when it is made.
 */
final class Attempts {

    /** The next attempt starts now. */
    static final long START = 0;
    /** There is no further attempt. */
    static final long GIVE_UP = -1;

    private enum Phase {
        UNDER_WAY("the last one was still under way at the deadline"),
        BACKING_OFF("the next one would start after the deadline"),
        HELD_BACK("the gate stays shut until the deadline");

        private final String atDeadline;

        Phase(String atDeadline) {
            this.atDeadline = atDeadline;
        }
    }

    private final RetryPolicy policy;
    private final long startNanos;
    private int refusals;
    private GiveUpReason reason = GiveUpReason.DEADLINE;

    private volatile int attempts = 1;
    private volatile Phase phase = Phase.UNDER_WAY;
    private volatile @Nullable Throwable cause;

    Attempts(RetryPolicy policy, long now) {
        this.policy = policy;
        this.startNanos = now;
        policy.budget.deposit();
    }

    /** An attempt failed. Nanoseconds to wait, 0 or more, or {@link #GIVE_UP}. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by one thread at a time
    long failed(Throwable error, long now) {
        if (policy.refused.test(error)) {
            attempts--;
            if (cause == null) {
                cause = error;
            }
            return heldBack(policy.untilOpenNanos(), now);
        }
        cause = error;
        refusals = 0;
        if (!policy.retryOn.test(error)) {
            return giveUp(GiveUpReason.NOT_RETRYABLE);
        }
        if (attempts >= policy.config.maxAttempts()) {
            return giveUp(GiveUpReason.ATTEMPTS);
        }
        long untilOpen = policy.untilOpenNanos();
        long delay = untilOpen + policy.backoff.delayNanos(attempts - 1);
        phase = untilOpen > 0 ? Phase.HELD_BACK : Phase.BACKING_OFF;
        if (missesDeadline(delay, now)) {
            return giveUp(GiveUpReason.DEADLINE);
        }
        return policy.budget.tryTake() ? delay : giveUp(GiveUpReason.BUDGET);
    }

    /** A wait is over. {@link #START}, more nanoseconds to wait, or {@link #GIVE_UP}. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by one thread at a time
    long waited(long now) {
        long untilOpen = policy.untilOpenNanos();
        if (untilOpen > 0) {
            return heldBack(untilOpen, now);
        }
        if (missesDeadline(0, now)) {
            return giveUp(GiveUpReason.DEADLINE);
        }
        phase = Phase.UNDER_WAY;
        attempts++;
        return START;
    }

    /** Why {@link #GIVE_UP} was the answer. */
    GiveUpReason reason() {
        return reason;
    }

    /** Whether it is the gate that asks for the wait: it refused an attempt, or was found shut after a wait. */
    boolean isHeldBack() {
        return refusals > 0;
    }

    /** Attempts so far, the one under way included. */
    int attempts() {
        return attempts;
    }

    /** What the last attempt failed with, or the gate's refusal if there was none. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** What the subscriber is told. */
    RetryExhaustedException exhausted(GiveUpReason why, long now) {
        RetryConfig config = policy.config;
        String detail = switch (why) {
            case ATTEMPTS -> "no attempts left (maxAttempts: " + config.maxAttempts() + ')';
            case DEADLINE -> phase.atDeadline + " (deadline: " + RetryConfig.text(config.deadline()) + ')';
            case BUDGET -> "the retry budget is used up: too many retries for the fresh attempts";
            case NOT_RETRYABLE -> "not an error to retry";
        };
        return new RetryExhaustedException(why, detail, attempts, Duration.ofNanos(now - startNanos), cause);
    }

    private long heldBack(long untilOpen, long now) {
        phase = Phase.HELD_BACK;
        long delay = untilOpen + policy.backoff.delayNanos(refusals++);
        return missesDeadline(delay, now) ? giveUp(GiveUpReason.DEADLINE) : delay;
    }

    private boolean missesDeadline(long delay, long now) {
        RetryConfig config = policy.config;
        return config.hasDeadline() && delay >= config.deadline().toNanos() - (now - startNanos);
    }

    private long giveUp(GiveUpReason why) {
        reason = why;
        return GIVE_UP;
    }
}
