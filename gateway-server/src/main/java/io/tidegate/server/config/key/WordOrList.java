package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One of a few words, or a list of single values.
 *
 * @param word the words
 * @param list the list
 * @param gather makes of a list what a word is, too
 */
public record WordOrList<T, E>(Scalar<T> word, Listing<E> list, Function<List<E>, T> gather) implements Shape<T> {

    @Override
    public String expected() {
        return word.expected() + ", or " + list.expected();
    }

    @Override
    public @Nullable T bind(Value value, String path, Binding binding) {
        if (value instanceof Value.Items) {
            List<E> bound = list.bind(value, path, binding);
            return bound == null ? null : gather.apply(bound);
        }
        if (value instanceof Value.Text) {
            return explained().bind(value, path, binding);
        }
        binding.mismatch(value, path, expected());
        return null;
    }

    /** Both a word and a list judge themselves when they are made. */
    @Override
    public void verify(T value) {}

    /** The words; what is none of them might have been meant for a list. */
    private Scalar<T> explained() {
        return new Scalar<>(word.type(), expected(), word.syntax(), this::parse, word.constraint());
    }

    private T parse(String text) {
        try {
            return word.parse(text);
        } catch (InvalidValue e) {
            throw new InvalidValue(expected(), e.suggestion());
        }
    }

    /** Whether a text is one of the words. */
    boolean isWord(String text) {
        return word.syntax().choices().contains(text);
    }
}
