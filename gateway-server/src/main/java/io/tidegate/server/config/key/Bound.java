package io.tidegate.server.config.key;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of a group's keys, defaults included, ready to build the group's record from. */
public final class Bound {

    private final Map<String, Object> values;

    Bound(Map<String, Object> values) {
        this.values = values;
    }

    /** The value of a key that is required or has a default. */
    public <T> T get(Key<T> key) {
        T value = find(key);
        if (value == null) {
            throw new IllegalStateException(key.name() + " is optional");
        }
        return value;
    }

    /** The value of a key, or null when it is optional and absent. */
    @SuppressWarnings("unchecked") // put under its name by the same key
    public <T> @Nullable T find(Key<T> key) {
        return (T) values.get(key.name());
    }
}
