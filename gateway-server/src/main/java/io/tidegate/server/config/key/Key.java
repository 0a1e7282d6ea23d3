package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The definition of one key, from which its parsing, its messages, its documentation and its schema follow.
 *
 * @param name as written in the file, such as {@code connectTimeout}
 * @param shape what it takes
 * @param presence what its absence means
 * @param defaultText the default as one would write it, for {@link Presence#DEFAULT} of anything but a group; else null
 * @param doc what it is for, in Markdown sentences
 */
public record Key<T>(
        String name,
        Shape<T> shape,
        Presence presence,
        @Nullable String defaultText,
        String doc) {

    /** What it means when a key is absent. */
    public enum Presence {
        /** An error. */
        REQUIRED,
        /** The feature is off. */
        OPTIONAL,
        /** The default holds. */
        DEFAULT
    }

    /** A key that must be there. */
    public static <T> Key<T> required(String name, Shape<T> shape, String doc) {
        return new Key<>(name, shape, Presence.REQUIRED, null, doc);
    }

    /** A key whose absence turns something off. */
    public static <T> Key<T> optional(String name, Shape<T> shape, String doc) {
        return new Key<>(name, shape, Presence.OPTIONAL, null, doc);
    }

    /** A key with a default, given as one would write it in the file: {@code 2s}, {@code [1001, 1012]}. */
    public static <T> Key<T> withDefault(String name, Shape<T> shape, String defaultText, String doc) {
        return new Key<>(name, shape, Presence.DEFAULT, defaultText, doc);
    }

    /** A group that may be absent because each of its keys may. */
    public static <T> Key<T> withDefaults(String name, Group<T> shape, String doc) {
        return new Key<>(name, shape, Presence.DEFAULT, null, doc);
    }

    /**
     * Holds a record's component to this key's definition.
     *
     * @throws IllegalArgumentException {@code name: value (expected: …)}
     */
    public T check(T value) {
        try {
            shape.verify(value);
            return value;
        } catch (InvalidValue e) {
            Object shown = shape instanceof Scalar<T> scalar && scalar.isSecret() ? Scalar.HIDDEN : value;
            throw new IllegalArgumentException(name + ": " + shown + " (expected: " + e.expected() + ")", e);
        }
    }

    /** What holds when the key is absent from a map, without a problem; null when nothing does. */
    @Nullable
    T absent(Value.Fields parent, String path, Binding binding) {
        if (presence != Presence.DEFAULT) {
            return null;
        }
        Value written = defaultText == null
                ? new Value.Fields(Map.of(), parent.origin())
                : defaultText.startsWith("[") ? items(defaultText, parent) : text(defaultText, parent);
        return shape.bind(written, path, binding);
    }

    private static Value items(String list, Value parent) {
        return new Value.Items(
                Arrays.stream(list.substring(1, list.length() - 1).split(", "))
                        .map(item -> text(item, parent))
                        .toList(),
                parent.origin());
    }

    private static Value text(String text, Value parent) {
        return new Value.Text(text, false, parent.origin());
    }
}
