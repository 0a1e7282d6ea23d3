package io.tidegate.retry;

/** Why no further attempt is made. */
public enum GiveUpReason {
    /** The error is not one that another attempt could mend. */
    NOT_RETRYABLE,
    /** There were as many attempts as there may be. */
    ATTEMPTS,
    /** The deadline came, or would have come before the next attempt. */
    DEADLINE,
    /** The retry budget had no token left. */
    BUDGET
}
