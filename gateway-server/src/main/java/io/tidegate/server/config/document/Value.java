package io.tidegate.server.config.document;

import java.util.List;
import java.util.Map;

/** One node of a configuration tree. Immutable; nodes may be shared (YAML aliases). */
public sealed interface Value {

    /** Where it was written. */
    Origin origin();

    /** What it is, for messages: {@code a list}. */
    String kind();

    /**
     * A number, word or text, unquoted. Whether it was quoted, and what YAML type it would be, makes no difference.
     *
     * @param expandable whether {@code ${NAME}} in it stands for an environment variable
     */
    record Text(String text, boolean expandable, Origin origin) implements Value {
        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** Nothing after a key, or {@code null}. */
    record Empty(Origin origin) implements Value {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** A list. */
    record Items(List<Value> items, Origin origin) implements Value {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /** A map, in the order it was written in. */
    record Fields(Map<String, Field> fields, Origin origin) implements Value {
        @Override
        public String kind() {
            return "a map";
        }
    }

    /** What stands after a key, and where the key stands. */
    record Field(Origin origin, Value value) {}
}
