package io.tidegate.queue;

/** A queue had no room for a message, and its policy is to end then. Carries no stack trace. */
public final class QueueOverflowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    QueueOverflowException(String message) {
        super(message, null, false, false);
    }
}
