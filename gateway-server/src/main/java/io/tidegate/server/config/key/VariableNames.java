package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which environment variable stands for which key: {@code TIDEGATE_UPSTREAMS_CHAT_CONNECT_TIMEOUT} for {@code
 * upstreams.chat.connectTimeout}. Words of a key may be joined or apart ({@code CONNECTTIMEOUT}); in names, whatever is
 * no letter or digit is written {@code _}.
 */
public final class VariableNames {

    /** What every name starts with. */
    public static final String PREFIX = "TIDEGATE_";

    private static final Pattern INDEX = Pattern.compile("(0|[1-9][0-9]{0,4})(?:_(.+))?");

    private VariableNames() {}

    /** The name part of a key: {@code CONNECT_TIMEOUT}. */
    public static String of(String key) {
        return key.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9]", "_")
                .toUpperCase(Locale.ROOT);
    }

    /**
     * Finds the place that a variable stands for.
     *
     * @param root the shape of the whole configuration
     * @param value the configuration so far: its names and the length of its lists count
     * @param variable the name, with its prefix
     * @return keys as {@link String} and indexes as {@link Integer}, from the root, and the shape there; null when there
     *     is no such key
     */
    static @Nullable Place find(Shape<?> root, Value value, String variable) {
        return find(root, value, variable.substring(PREFIX.length()), List.of());
    }

    /** A key or element, and what it takes. */
    record Place(List<Object> steps, Shape<?> shape) {}

    private static @Nullable Place find(
            Shape<?> shape, @Nullable Value value, @Nullable String rest, List<Object> steps) {
        if (rest == null) {
            return new Place(steps, shape);
        }
        if (shape instanceof Group<?> group) {
            return inGroup(group, value, rest, steps);
        }
        if (shape instanceof WordOrList<?, ?> either) {
            return find(either.list(), value, rest, steps);
        }
        if (shape instanceof Listing<?> listing) {
            Matcher index = INDEX.matcher(rest);
            if (!index.matches()) {
                return null;
            }
            int i = Integer.parseInt(index.group(1));
            Value element =
                    value instanceof Value.Items items && i < items.items().size()
                            ? items.items().get(i)
                            : null;
            return find(listing.element(), element, index.group(2), with(steps, i));
        }
        return shape instanceof Naming<?> naming ? inNaming(naming, value, rest, steps) : null;
    }

    private static @Nullable Place inGroup(Group<?> group, @Nullable Value value, String rest, List<Object> steps) {
        for (Key<?> key : group.keys()) {
            String apart = of(key.name());
            for (String spelling : List.of(apart, apart.replace("_", ""))) {
                if (rest.equals(spelling) || rest.startsWith(spelling + "_")) {
                    String after = rest.length() == spelling.length() ? null : rest.substring(spelling.length() + 1);
                    Place place = find(key.shape(), child(value, key.name()), after, with(steps, key.name()));
                    if (place != null) {
                        return place;
                    }
                }
            }
        }
        return null;
    }

    /** A name that is there already wins, the longest first; else the shortest new name behind which a key follows. */
    private static @Nullable Place inNaming(Naming<?> naming, @Nullable Value value, String rest, List<Object> steps) {
        Place longest = null;
        int length = 0;
        for (String name : names(value)) {
            String spelling = of(name);
            if (spelling.length() > length && rest.startsWith(spelling + "_")) {
                String after = rest.substring(spelling.length() + 1);
                Place place = find(naming.element(), child(value, name), after, with(steps, name));
                if (place != null) {
                    longest = place;
                    length = spelling.length();
                }
            }
        }
        if (longest != null) {
            return longest;
        }
        for (int cut = rest.indexOf('_', 1); cut > 0 && cut < rest.length() - 1; cut = rest.indexOf('_', cut + 1)) {
            String name = rest.substring(0, cut).toLowerCase(Locale.ROOT).replace('_', '-');
            Place place = find(naming.element(), null, rest.substring(cut + 1), with(steps, name));
            if (place != null) {
                return place;
            }
        }
        return null;
    }

    /** The names of all variables that would change or add a key of this configuration, for suggestions. */
    static List<String> all(Shape<?> shape, @Nullable Value value, String prefix) {
        List<String> all = new ArrayList<>();
        if (shape instanceof Group<?> group) {
            for (Key<?> key : group.keys()) {
                all.addAll(all(key.shape(), child(value, key.name()), prefix + "_" + of(key.name())));
            }
        } else if (shape instanceof Naming<?> naming) {
            for (String name : names(value)) {
                all.addAll(all(naming.element(), child(value, name), prefix + "_" + of(name)));
            }
        } else if (shape instanceof Listing<?> listing && !(listing.element() instanceof Scalar)) {
            List<Value> items = value instanceof Value.Items list ? list.items() : List.of();
            for (int i = 0; i <= items.size(); i++) {
                Value item = i < items.size() ? items.get(i) : null;
                all.addAll(all(listing.element(), item, prefix + "_" + i));
            }
        } else {
            all.add(prefix);
        }
        return all;
    }

    /** Names that another name is spelled like, so that no variable could tell them apart. */
    static boolean isAmbiguous(String name, Value.Fields among) {
        return among.fields().keySet().stream()
                .anyMatch(other -> !other.equals(name) && of(other).equals(of(name)));
    }

    private static Iterable<String> names(@Nullable Value value) {
        return value instanceof Value.Fields fields ? fields.fields().keySet() : List.of();
    }

    static @Nullable Value child(@Nullable Value value, String key) {
        Value.Field field =
                value instanceof Value.Fields fields ? fields.fields().get(key) : null;
        return field == null ? null : field.value();
    }

    private static List<Object> with(List<Object> steps, Object step) {
        List<Object> longer = new ArrayList<>(steps);
        longer.add(step);
        return List.copyOf(longer);
    }
}
