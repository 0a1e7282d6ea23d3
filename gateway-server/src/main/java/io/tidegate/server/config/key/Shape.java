package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a value looks like and how it becomes a {@code T}. Immutable.
 *
 * @param <T> what it becomes
 */
public sealed interface Shape<T> permits Scalar, Listing, WordOrList, Naming, Group {

    /** What should be there, for messages and documentation: {@code a duration such as 100ms, 2s, 5m or 1h}. */
    String expected();

    /**
     * Reads a value.
     *
     * @param path where it is
     * @param binding receives every problem
     * @return null when there was a problem
     */
    @Nullable
    T bind(Value value, String path, Binding binding);

    /**
     * Judges a value that did not come from text.
     *
     * @throws InvalidValue when this shape would not have produced it
     */
    void verify(T value);
}
