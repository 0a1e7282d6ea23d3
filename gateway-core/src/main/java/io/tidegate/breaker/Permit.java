package io.tidegate.breaker;

/**
 * Leave for one call, from {@link Breaker#tryAcquire()}. It is ended once, by {@link #success()}, {@link #failure} or
 * {@link #release()}; whatever comes after the first of these is ignored.
 *
 * <p>It belongs to the generation of the breaker that gave it: ended after the breaker has gone on to another one, it counts
 * for nothing (but as {@linkplain BreakerSnapshot#late() late}), so a call that was let in before the breaker opened has no
 * part in closing it.
 *
 * <p><b>Threads:</b> any, also several at once; never blocks. A result that meets another one at the same moment is counted
 * by that one's thread. Nothing tells who ended it first, so whoever races somebody to the end needs an arbiter of his own.
 */
public final class Permit {

    final Generation generation;
    private final long startNanos;

    /** Guarded by the generation's gate: so no atomic operation of its own is needed, and it may live on the stack. */
    private boolean ended;

    Permit(Generation generation, long startNanos) {
        this.generation = generation;
        this.startNanos = startNanos;
    }

    /** The call did what it should; it was slow if it took longer than the breaker's limit for that. */
    public void success() {
        end(Outcome.SUCCESS);
    }

    /** The call failed: counts if the breaker takes {@code cause} for a failure, otherwise like {@link #release()}. */
    public void failure(Throwable cause) {
        end(generation.circuit.isFailure(cause) ? Outcome.FAILURE : Outcome.RELEASE);
    }

    /**
     * The call failed, which may be the caller's own doing: counts like {@link #failure}, unless it would be decisive. Then
     * whoever asks has the chance to find out, and ends the permit afterwards.
     *
     * @return false if it was not counted, and the permit not ended: it would open the breaker, now or as soon as there are calls
     *     enough to judge by, whatever comes of those; or it is that of a probe; or nobody can tell, as another result is being
     *     counted at this very moment
     */
    public boolean failureUnlessDecisive(Throwable cause) {
        if (!generation.circuit.isFailure(cause)) {
            release();
            return true;
        }
        long nanos = generation.circuit.nanosSince(startNanos);
        if (!generation.enter()) {
            return false;
        }
        try {
            if (!ended && generation.isNextFailureDecisive()) {
                return false;
            }
            endInside(Outcome.FAILURE, nanos);
            return true;
        } finally {
            generation.leave();
        }
    }

    /** The call told nothing about what was called, because it was cancelled or never made: it doesn't count. */
    public void release() {
        end(Outcome.RELEASE);
    }

    /** Failed for want of an answer in time, whatever the breaker takes for a failure. */
    void timeout() {
        end(Outcome.FAILURE);
    }

    /** The generation of the breaker that gave it, as in {@link BreakerSnapshot#generation()}. */
    public long generation() {
        return generation.number;
    }

    private void end(Outcome outcome) {
        long nanos = generation.circuit.nanosSince(startNanos);
        if (generation.enter()) {
            try {
                endInside(outcome, nanos);
            } finally {
                generation.leave();
            }
        } else {
            generation.defer(this, outcome, nanos);
        }
    }

    /** The same, inside the generation's gate. */
    void endInside(Outcome outcome, long nanos) {
        if (!ended) {
            ended = true;
            generation.count(outcome, nanos);
        }
    }

    /** How a call ended. */
    enum Outcome {
        SUCCESS,
        FAILURE,
        RELEASE
    }
}
