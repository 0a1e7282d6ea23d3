package io.tidegate.server.failure;

import org.jspecify.annotations.Nullable;

/** A failure with its kind and what exactly happened. Expected in operation, so it carries no stack trace. */
public class GatewayException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Failure failure;
    private final @Nullable String endpoint;

    /**
     * @param message what happened, with the offending and the expected value; shown to the client and in the log
     */
    public GatewayException(Failure failure, String message) {
        this(failure, message, null);
    }

    public GatewayException(Failure failure, String message, @Nullable Throwable cause) {
        this(failure, null, message, cause);
    }

    protected GatewayException(Failure failure, @Nullable String endpoint, String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.failure = failure;
        this.endpoint = endpoint;
    }

    /** The same, which names the endpoint that it came from. */
    public GatewayException from(Object source) {
        return new GatewayException(failure, source.toString(), source + ": " + text(), getCause());
    }

    public Failure failure() {
        return failure;
    }

    /** Where it came from; {@code null} if it didn't come from an endpoint, or from several. */
    public @Nullable String endpoint() {
        return endpoint;
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
