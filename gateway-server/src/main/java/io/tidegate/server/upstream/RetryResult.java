package io.tidegate.server.upstream;

import java.util.Locale;

/** What came of a retry before a client's 101. */
public enum RetryResult {
    /** The endpoint answered. */
    SUCCESS,
    /** It failed like the attempt before. */
    FAILURE,
    /** It was not made, as the budget was used up. */
    DENIED;

    /** The value of the label {@code result}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
