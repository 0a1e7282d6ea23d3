package io.tidegate.server.failure;

import java.time.Duration;

/** No endpoint may be tried now; says when one may. */
public final class UnavailableException extends GatewayException {

    private static final long serialVersionUID = 1;

    private final Duration retryAfter;

    /** @param retryAfter how long until it makes sense to ask again */
    public UnavailableException(String message, Duration retryAfter) {
        super(Failure.UNAVAILABLE, message);
        this.retryAfter = retryAfter;
    }

    /** What goes into {@code Retry-After}: whole seconds, rounded up, at least 1. */
    public long retryAfterSeconds() {
        return Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    }
}
