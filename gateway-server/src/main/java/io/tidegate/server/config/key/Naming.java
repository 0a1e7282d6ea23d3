package io.tidegate.server.config.key;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A map with at least one entry, from names that the user chooses to one shape.
 *
 * @param element the shape of each value
 * @param noun what is named, in the plural: {@code upstreams}
 */
public record Naming<T>(Shape<T> element, String noun) implements Shape<Map<String, T>> {

    /** What a name looks like: it appears in URLs, metric labels and variable names. */
    public static final String NAME_PATTERN = "^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$";

    private static final String NAME_EXPECTED =
            "a name of at most 64 letters, digits, ., _ and - that starts and ends with a letter or digit";
    private static final Pattern NAME = Pattern.compile(NAME_PATTERN);

    @Override
    public String expected() {
        return "a map from names to " + noun;
    }

    @Override
    public @Nullable Map<String, T> bind(Value value, String path, Binding binding) {
        if (!(value instanceof Value.Fields fields)) {
            binding.mismatch(value, path, expected());
            return null;
        }
        Map<String, T> bound = new LinkedHashMap<>();
        fields.fields().forEach((name, field) -> {
            if (!NAME.matcher(name).matches()) {
                binding.problems().add(field.origin(), path, name, NAME_EXPECTED);
                return;
            }
            T one = element.bind(field.value(), KeyPath.of(path, name), binding);
            if (one != null) {
                bound.put(name, one);
            }
        });
        if (fields.fields().isEmpty()) {
            binding.problems().add(value.origin(), path, "an empty map", "at least one");
        }
        return !bound.isEmpty() && bound.size() == fields.fields().size() ? Collections.unmodifiableMap(bound) : null;
    }

    @Override
    public void verify(Map<String, T> value) {
        if (value.isEmpty()) {
            throw new InvalidValue("at least one");
        }
        for (String name : value.keySet()) {
            if (!NAME.matcher(name).matches()) {
                throw new InvalidValue(NAME_EXPECTED);
            }
        }
    }
}
