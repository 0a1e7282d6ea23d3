package io.tidegate.server.config.continuity;

import io.tidegate.dedup.DedupConfig;
import io.tidegate.json.JsonPointer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which client messages are dropped because they came before.
 *
 * @param pointer where in a message its key is; null for all of its content
 * @param scope among which messages a key must be the only one
 * @param window how long, and how many keys, are remembered in each scope
 */
public record RouteDedupConfig(@Nullable JsonPointer pointer, Scope scope, DedupConfig window) {

    /** Among which messages a key must be the only one. */
    public enum Scope {
        /** Those of one session. */
        SESSION,
        /** Those of all sessions of the route. */
        ROUTE;

        /** As written in the configuration: {@code session}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
