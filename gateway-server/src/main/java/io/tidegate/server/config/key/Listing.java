package io.tidegate.server.config.key;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A list with at least one element. Of single values, no two may be equal.
 *
 * @param element the shape of each element
 * @param noun what the elements are, in the plural: {@code listeners}
 */
public record Listing<T>(Shape<T> element, String noun) implements Shape<List<T>> {

    @Override
    public String expected() {
        return "a list of " + noun;
    }

    @Override
    public @Nullable List<T> bind(Value value, String path, Binding binding) {
        if (!(value instanceof Value.Items items)) {
            binding.mismatch(value, path, expected());
            return null;
        }
        List<T> bound = new ArrayList<>();
        Set<T> seen = new HashSet<>();
        for (int i = 0; i < items.items().size(); i++) {
            Value item = items.items().get(i);
            T one = element.bind(item, KeyPath.of(path, i), binding);
            if (one != null && isDistinct() && !seen.add(one)) {
                binding.problems().add(item.origin(), KeyPath.of(path, i), one + " again", "each only once");
            } else if (one != null) {
                bound.add(one);
            }
        }
        if (items.items().isEmpty()) {
            binding.problems().add(value.origin(), path, "an empty list", "at least one");
        }
        return !bound.isEmpty() && bound.size() == items.items().size() ? List.copyOf(bound) : null;
    }

    @Override
    public void verify(List<T> value) {
        if (value.isEmpty()) {
            throw new InvalidValue("at least one");
        }
        if (isDistinct() && new HashSet<>(value).size() < value.size()) {
            throw new InvalidValue("each only once");
        }
        value.forEach(element::verify);
    }

    private boolean isDistinct() {
        return element instanceof Scalar;
    }
}
