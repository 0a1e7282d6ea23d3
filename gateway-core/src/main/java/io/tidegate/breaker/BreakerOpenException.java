package io.tidegate.breaker;

import java.time.Duration;

/** A call was not let in. Has no stack trace: it is expected, and there may be many. */
public final class BreakerOpenException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String breaker;
    private final Duration untilProbe;

    /**
     * @param breaker its name
     * @param untilProbe as {@link Breaker#untilProbe()}
     */
    public BreakerOpenException(String breaker, Duration untilProbe) {
        super(null, null, false, false);
        this.breaker = breaker;
        this.untilProbe = untilProbe;
    }

    /** Name of the breaker. */
    public String breaker() {
        return breaker;
    }

    /** How long to wait before asking again, as {@link Breaker#untilProbe()} said; zero if its probes are just all out. */
    public Duration untilProbe() {
        return untilProbe;
    }

    @Override
    public String getMessage() {
        return untilProbe.isZero()
                ? "breaker " + breaker + " is half-open and its probes are out"
                : "breaker " + breaker + " is open for another " + untilProbe.toMillis() + " ms";
    }
}
