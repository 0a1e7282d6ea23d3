package io.tidegate.server.failure;

import org.jspecify.annotations.Nullable;

/** A failure with its kind and what exactly happened. Expected in operation, so it carries no stack trace. */
public class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Failure failure;

    /**
     * @param message what happened, with the offending and the expected value; shown to the client and in the log
     */
    public GatewayException(Failure failure, String message) {
        this(failure, message, null);
    }

    public GatewayException(Failure failure, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }

    /** The message, never {@code null}. */
    public String text() {
        return String.valueOf(getMessage());
    }

    /** Whether another endpoint may do better: one that answered has decided, one that failed hasn't. */
    public boolean isRetryable() {
        return failure == Failure.UPSTREAM_FAILED || failure == Failure.UPSTREAM_TIMEOUT;
    }
}
