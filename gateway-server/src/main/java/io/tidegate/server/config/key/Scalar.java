package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A single value: a number, a word, a text.
 *
 * @param type the type's name in the documentation: {@code duration}
 * @param expected what should be there, for messages
 * @param syntax what a schema can say about it
 * @param parser text to value; throws {@link InvalidValue}
 * @param constraint judges a value wherever it came from; throws {@link InvalidValue}
 */
public record Scalar<T>(String type, String expected, Syntax syntax, Function<String, T> parser, Consumer<T> constraint)
        implements Shape<T> {

    /** The {@link #type()} of values that must not be shown. */
    public static final String SECRET = "secret";

    /** What is shown in place of a secret. */
    static final String HIDDEN = "***";

    /**
     * What a schema can say.
     *
     * @param pattern a regular expression for all texts that the value may be written as
     * @param number whether plain whole numbers match the pattern
     * @param choices the only values, or empty
     */
    public record Syntax(String pattern, boolean number, List<String> choices) {

        /** Texts that match a regular expression. */
        public static Syntax text(String pattern) {
            return new Syntax(pattern, false, List.of());
        }

        /** Texts that match a regular expression; numbers too. */
        public static Syntax number(String pattern) {
            return new Syntax(pattern, true, List.of());
        }

        /** {@code true} or {@code false}. */
        public static Syntax flag() {
            return choice(List.of("true", "false"));
        }

        /** One of these. */
        public static Syntax choice(List<String> choices) {
            return new Syntax("", false, List.copyOf(choices));
        }
    }

    /** Turns a text into a value that keeps the constraint, or throws {@link InvalidValue}. */
    public T parse(String text) {
        T value = parser.apply(text);
        constraint.accept(value);
        return value;
    }

    @Override
    public @Nullable T bind(Value value, String path, Binding binding) {
        if (!(value instanceof Value.Text text)) {
            binding.mismatch(value, path, expected);
            return null;
        }
        String expanded = binding.expand(text, path);
        if (expanded == null) {
            return null;
        }
        try {
            return parse(expanded);
        } catch (InvalidValue e) {
            boolean hidden = isSecret();
            binding.invalid(text.origin(), path, hidden ? HIDDEN : text.text(), hidden ? HIDDEN : expanded, e);
            return null;
        }
    }

    boolean isSecret() {
        return type.equals(SECRET);
    }

    @Override
    public void verify(T value) {
        constraint.accept(value);
    }
}
