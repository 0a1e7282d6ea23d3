package io.tidegate.server.leg;

import org.jspecify.annotations.Nullable;

/** A peer's connection ended without a Close frame. Expected in operation, so it carries no stack trace. */
public final class LegLostException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LegLostException(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }
}
