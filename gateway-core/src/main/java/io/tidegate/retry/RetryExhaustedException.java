package io.tidegate.retry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * No attempt succeeded, and no further one is made. The cause is the error of the last attempt; where none was let in, the
 * gate's refusal; none at all if the first attempt was under way until the deadline.
 *
 * <p>Expected in operation, so it carries no stack trace.
 */
public final class RetryExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final GiveUpReason reason;
    private final int attempts;
    private final Duration elapsed;

    /**
     * @param reason why no further attempt is made
     * @param detail the same in words, with the limit that was met
     * @param attempts attempts made; those that the gate refused don't count
     * @param elapsed time since the first attempt began
     * @param cause what the last attempt failed with
     */
    public RetryExhaustedException(
            GiveUpReason reason, String detail, int attempts, Duration elapsed, @Nullable Throwable cause) {
        super(message(detail, attempts, elapsed, cause), cause, false, false);
        this.reason = reason;
        this.attempts = attempts;
        this.elapsed = elapsed;
    }

    /** Why no further attempt is made; never {@link GiveUpReason#NOT_RETRYABLE}: such errors pass as they are. */
    public GiveUpReason reason() {
        return reason;
    }

    /** Attempts made, one under way at the deadline included; those that the gate refused don't count. */
    public int attempts() {
        return attempts;
    }

    /** Time since the first attempt began. */
    public Duration elapsed() {
        return elapsed;
    }

    private static String message(String detail, int attempts, Duration elapsed, @Nullable Throwable cause) {
        return "gave up after " + attempts + (attempts == 1 ? " attempt in " : " attempts in ")
                + RetryConfig.text(Duration.ofMillis(elapsed.toMillis())) + ": " + detail
                + (cause == null ? "" : "; last error: " + cause);
    }
}
