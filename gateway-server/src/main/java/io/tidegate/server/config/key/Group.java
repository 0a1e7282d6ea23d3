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
 * @param rule judges the keys together, also when some of them are wrong
 */
public record Group<T>(String noun, List<Key<?>> keys, Function<Bound, T> construct, Rule rule) implements Shape<T> {

    /** What must hold between keys that does not follow from the record, or is to be said before there can be one. */
    @FunctionalInterface
    public interface Rule {
        /** Judges what could be read. */
        void judge(Bound bound, Findings findings);
    }

    public Group {
        keys = List.copyOf(keys);
    }

    /** A group for which only the rules of its record hold. */
    public Group(String noun, List<Key<?>> keys, Function<Bound, T> construct) {
        this(noun, keys, construct, (bound, findings) -> {});
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
        Bound bound = new Bound(values, fields);
        Findings findings = new Findings();
        rule.judge(bound, findings);
        report(findings.all(), fields, path, binding);
        return complete && findings.all().isEmpty() ? construct(bound, fields, path, binding) : null;
    }

    /** A record validates itself when it is built. */
    @Override
    public void verify(T value) {}

    private @Nullable T construct(Bound bound, Value.Fields fields, String path, Binding binding) {
        try {
            return construct.apply(bound);
        } catch (IllegalArgumentException e) {
            List<Findings.Finding> findings = Findings.of(e);
            if (path.equals(KeyPath.ROOT) && !binding.problems().isEmpty()) {
                return null; // what holds between routes and upstreams was looked at before, as far as they could be
                // read
            }
            if (findings == null) {
                binding.problems().add(fields.origin(), path, String.valueOf(e.getMessage()), "");
            } else {
                report(findings, fields, path, binding);
            }
            return null;
        }
    }

    private static void report(List<Findings.Finding> findings, Value.Fields fields, String path, Binding binding) {
        for (Findings.Finding finding : findings) {
            Value at = fields;
            for (String key : finding.key().split("[.]", -1)) {
                Value below = VariableNames.child(at, key);
                at = below == null ? at : below;
            }
            binding.problems().add(at.origin(), KeyPath.of(path, finding.key()), finding.found(), finding.expected());
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
