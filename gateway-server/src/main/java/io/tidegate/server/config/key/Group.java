package io.tidegate.server.config.key;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A map of known keys that becomes one record.
 *
 * @param noun what it describes, with its article: {@code a route}
 * @param keys the only keys it may have, in the order of the documentation
 * @param construct builds the record
 */
public record Group<T>(String noun, List<Key<?>> keys, Function<Bound, T> construct) implements Shape<T> {

    public Group {
        keys = List.copyOf(keys);
    }

    @Override
    public String expected() {
        return "a map with the keys of " + noun + ": " + names();
    }

    @Override
    public @Nullable T bind(Value value, String path, Binding binding) {
        if (!(value instanceof Value.Fields fields)) {
            binding.mismatch(value, path, expected());
            return null;
        }
        boolean complete = knowsAllOf(fields, path, binding);
        Map<String, Object> values = new HashMap<>();
        for (Key<?> key : keys) {
            complete &= bind(key, fields, path, binding, values);
        }
        return complete ? construct(new Bound(values), fields, path, binding) : null;
    }

    /** A record validates itself when it is built. */
    @Override
    public void verify(T value) {}

    private @Nullable T construct(Bound bound, Value.Fields fields, String path, Binding binding) {
        try {
            return construct.apply(bound);
        } catch (IllegalArgumentException e) {
            // What the keys' definitions let through. After other problems it may only repeat one of them.
            if (binding.problems().isEmpty()) {
                binding.problems().add(fields.origin(), path, String.valueOf(e.getMessage()), "");
            }
            return null;
        }
    }

    private static <V> boolean bind(
            Key<V> key, Value.Fields parent, String path, Binding binding, Map<String, Object> values) {
        Value.Field field = parent.fields().get(key.name());
        String keyPath = KeyPath.of(path, key.name());
        V value = field == null
                ? key.absent(parent, keyPath, binding)
                : key.shape().bind(field.value(), keyPath, binding);
        if (value != null) {
            values.put(key.name(), value);
            return true;
        }
        if (field == null && key.presence() == Key.Presence.REQUIRED) {
            binding.problems()
                    .add(parent.origin(), keyPath, "missing", key.shape().expected());
        }
        return field == null && key.presence() == Key.Presence.OPTIONAL;
    }

    private boolean knowsAllOf(Value.Fields fields, String path, Binding binding) {
        List<String> known = keys.stream().map(Key::name).toList();
        boolean all = true;
        for (Map.Entry<String, Value.Field> entry : fields.fields().entrySet()) {
            String name = entry.getKey();
            if (!known.contains(name)) {
                all = false;
                String near = Nearest.to(name, known);
                String suggestion = near == null ? elsewhere(name, binding.root(), KeyPath.ROOT) : near;
                binding.problems()
                        .add(
                                entry.getValue().origin(),
                                KeyPath.of(path, name),
                                "unknown key",
                                "one of " + names(),
                                suggestion);
            }
        }
        return all;
    }

    /** The path of the first key of that name anywhere below a shape, or null. */
    private static @Nullable String elsewhere(String name, Shape<?> shape, String path) {
        if (shape instanceof Listing<?> listing) {
            return elsewhere(name, listing.element(), path + "[]");
        }
        if (shape instanceof Naming<?> naming) {
            return elsewhere(name, naming.element(), KeyPath.of(path, "NAME"));
        }
        if (shape instanceof Group<?> group) {
            for (Key<?> key : group.keys) {
                String keyPath = KeyPath.of(path, key.name());
                String found = key.name().equals(name) ? keyPath : elsewhere(name, key.shape(), keyPath);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private String names() {
        return keys.stream().map(Key::name).collect(Collectors.joining(", "));
    }
}
