package io.tidegate.server.config.key;

import org.jspecify.annotations.Nullable;

/** A value is not what its key takes; says what it takes. */
public final class InvalidValue extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final String expected;
    private final @Nullable String suggestion;

    /** A value that is refused because {@code expected} was expected. */
    public InvalidValue(String expected) {
        this(expected, null);
    }

    /** The same, with the nearest value that would do. */
    public InvalidValue(String expected, @Nullable String suggestion) {
        super("expected: " + expected);
        this.expected = expected;
        this.suggestion = suggestion;
    }

    /** What the key takes, such as {@code 0 or more bytes}. */
    public String expected() {
        return expected;
    }

    /** The nearest value that would do, or null. */
    public @Nullable String suggestion() {
        return suggestion;
    }
}
