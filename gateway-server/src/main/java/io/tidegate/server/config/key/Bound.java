package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of a group's keys, defaults included, ready to build the group's record from. */
public final class Bound {

    private final Map<String, Object> values;

    private final Value.Fields written;

    Bound(Map<String, Object> values, Value.Fields written) {
        this.values = values;
        this.written = written;
    }

    /** The value of a key that is required or has a default. */
    public <T> T get(Key<T> key) {
        T value = find(key);
        if (value == null) {
            throw new IllegalStateException(key.name() + " is optional");
        }
        return value;
    }

    /** The value of a key, or null when it is optional and absent, or, in a {@link Group.Rule}, when it is wrong. */
    @SuppressWarnings("unchecked") // put under its name by the same key
    public <T> @Nullable T find(Key<T> key) {
        return (T) values.get(key.name());
    }

    /** What the user wrote under a key, for messages; null when nothing. */
    public @Nullable String written(Key<?> key) {
        Value.Field field = written.fields().get(key.name());
        if (field == null) {
            return null;
        }
        return field.value() instanceof Value.Text text
                ? text.text()
                : field.value().kind();
    }
}
