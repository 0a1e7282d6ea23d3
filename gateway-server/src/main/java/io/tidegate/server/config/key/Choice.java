package io.tidegate.server.config.key;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** One of a few words. */
public final class Choice {

    /** {@code true} or {@code false}. */
    public static final Scalar<Boolean> FLAG = new Scalar<>(
            "boolean",
            "true or false",
            Scalar.Syntax.flag(),
            text -> of(new Boolean[] {true, false}, String::valueOf).parse(text),
            flag -> {});

    private Choice() {}

    /**
     * A value that is written as a word of its own.
     *
     * @param values the values
     * @param word how each is written
     */
    public static <E> Scalar<E> of(E[] values, Function<E, String> word) {
        List<String> words = Arrays.stream(values).map(word).toList();
        String expected = words.size() == 1 ? words.get(0) : "one of " + String.join(", ", words);
        return new Scalar<>(
                "choice",
                expected,
                Scalar.Syntax.choice(words),
                text -> {
                    int index = words.indexOf(text);
                    if (index < 0) {
                        throw new InvalidValue(expected, Nearest.to(text, words));
                    }
                    return values[index];
                },
                value -> {});
    }
}
