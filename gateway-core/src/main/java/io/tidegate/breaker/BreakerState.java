package io.tidegate.breaker;

import java.util.Locale;

/** What a breaker does with calls. */
public enum BreakerState {
    /** Lets all calls through and counts their results. */
    CLOSED,
    /** Lets a few calls through, whose results decide what comes next. */
    HALF_OPEN,
    /** Lets none through. */
    OPEN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** As metrics name it: in lower case. */
    public String label() {
        return label;
    }
}
