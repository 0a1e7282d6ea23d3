package io.tidegate.server.config.key;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.config.document.Problems;
import io.tidegate.server.config.document.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lays environment variables over a configuration: each sets one key or list element, and adds it when it is missing.
 * Values are taken literally; an empty variable counts as unset.
 */
public final class Overrides {

    private final Group<?> root;
    private final Map<String, String> environment;
    private final List<Problem> warnings = new ArrayList<>();

    /** Overrides for configurations of the shape {@code root}. */
    public Overrides(Group<?> root, Map<String, String> environment) {
        this.root = root;
        this.environment = environment;
    }

    /**
     * Lays them over {@code value}.
     *
     * @param problems receives variables that can't be applied
     */
    public Value apply(Value value, Problems problems) {
        List<Setting> settings = new ArrayList<>();
        environment.forEach((name, text) -> {
            if (name.startsWith(VariableNames.PREFIX) && !text.isEmpty()) {
                VariableNames.Place place = VariableNames.find(root, value, name);
                if (place != null) {
                    settings.add(new Setting(name, text, place));
                } else {
                    warnings.add(unknown(name, value));
                }
            }
        });
        Value result = value;
        for (Setting setting : settings.stream().sorted(Setting.ORDER).toList()) {
            result = setting.apply(result, problems);
        }
        return result;
    }

    /** Variables that have the prefix and mean nothing. Kubernetes sets such ones for a service named tidegate. */
    public List<Problem> warnings() {
        return warnings.stream().sorted(Comparator.comparing(Problem::source)).toList();
    }

    private Problem unknown(String name, Value value) {
        Collection<String> known = VariableNames.all(root, value, VariableNames.PREFIX.replace("_", ""));
        return new Problem(
                Origin.named(name), KeyPath.ROOT, "no key has this variable: ignored", "", Nearest.to(name, known));
    }

    /** One variable and the place it sets. */
    private record Setting(String variable, String text, VariableNames.Place place) {

        /** Whole lists before their elements, and elements by index, so that each finds the one before it. */
        static final Comparator<Setting> ORDER =
                Comparator.comparing(Setting::sortable).thenComparing(Setting::variable);

        private String sortable() {
            StringBuilder key = new StringBuilder();
            for (Object step : place.steps()) {
                key.append('\0').append(step instanceof Integer index ? String.format("%05d", index) : step);
            }
            return key.toString();
        }

        Value apply(Value to, Problems problems) {
            Value leaf = leaf(problems);
            Value changed = leaf == null ? null : set(to, place.steps(), KeyPath.ROOT, leaf, problems);
            return changed == null ? to : changed;
        }

        private Origin origin() {
            return Origin.named(variable);
        }

        private @Nullable Value leaf(Problems problems) {
            boolean isWord = place.shape() instanceof WordOrList<?, ?> either && either.isWord(text);
            if (isWord || place.shape() instanceof Scalar<?>) {
                return new Value.Text(text, false, origin());
            }
            if (isListOfScalars(place.shape())) {
                return new Value.Items(
                        Arrays.stream(text.split(",", -1))
                                .map(item -> (Value) new Value.Text(item.strip(), false, origin()))
                                .toList(),
                        origin());
            }
            problems.add(
                    origin(),
                    KeyPath.ROOT,
                    text,
                    "a variable for each key of " + place.shape().expected());
            return null;
        }

        private static boolean isListOfScalars(Shape<?> shape) {
            return shape instanceof WordOrList<?, ?>
                    || (shape instanceof Listing<?> listing && listing.element() instanceof Scalar<?>);
        }

        private @Nullable Value set(
                @Nullable Value current, List<Object> steps, String path, Value leaf, Problems problems) {
            if (steps.isEmpty()) {
                return leaf;
            }
            List<Object> rest = steps.subList(1, steps.size());
            return steps.get(0) instanceof Integer index
                    ? setElement(current, index, rest, path, leaf, problems)
                    : setKey(current, (String) steps.get(0), rest, path, leaf, problems);
        }

        private @Nullable Value setElement(
                @Nullable Value current, int index, List<Object> rest, String path, Value leaf, Problems problems) {
            List<Value> items = new ArrayList<>();
            if (current instanceof Value.Items list) {
                items.addAll(list.items());
            } else if (current != null) {
                return null; // not a list: that is the problem to report
            }
            if (index > items.size()) {
                String expected = "an index up to " + items.size();
                problems.add(origin(), path, "the element " + index + " of " + items.size(), expected);
                return null;
            }
            Value before = index < items.size() ? items.get(index) : null;
            Value element = set(before, rest, KeyPath.of(path, index), leaf, problems);
            if (element == null) {
                return null;
            }
            if (before == null) {
                items.add(element);
            } else {
                items.set(index, element);
            }
            return new Value.Items(items, current == null ? origin() : current.origin());
        }

        private @Nullable Value setKey(
                @Nullable Value current, String key, List<Object> rest, String path, Value leaf, Problems problems) {
            Map<String, Value.Field> fields = new LinkedHashMap<>();
            if (current instanceof Value.Fields map) {
                fields.putAll(map.fields());
                if (fields.containsKey(key) && VariableNames.isAmbiguous(key, map)) {
                    problems.add(origin(), KeyPath.of(path, key), "more than one name spelled like it", "one");
                    return null;
                }
            } else if (current != null && !(current instanceof Value.Empty)) {
                return null; // not a map: that is the problem to report
            }
            Value.Field before = fields.get(key);
            Value value = set(before == null ? null : before.value(), rest, KeyPath.of(path, key), leaf, problems);
            if (value == null) {
                return null;
            }
            fields.put(key, new Value.Field(before == null ? origin() : before.origin(), value));
            return new Value.Fields(Collections.unmodifiableMap(fields), current == null ? origin() : current.origin());
        }
    }
}
