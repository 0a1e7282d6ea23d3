package io.tidegate.breaker;

/** What a breaker does with calls. */
public enum BreakerState {
    /** Lets all calls through and counts their results. */
    CLOSED,
    /** Lets a few calls through, whose results decide what comes next. */
    HALF_OPEN,
    /** Lets none through. */
    OPEN
}
