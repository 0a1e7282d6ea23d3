package io.tidegate.server.config.continuity;

import io.tidegate.server.config.key.Findings;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which requests go to the next upstream leg when theirs was lost before the reply.
 *
 * @param kind all, none, or some by their method
 * @param methods the methods of those that go, for {@link Kind#METHODS}; else empty
 */
public record Replay(Kind kind, Set<String> methods) {

    /** Every request. */
    public static final Replay ALL = new Replay(Kind.ALL, Set.of());

    /** No request: each is answered with an error. */
    public static final Replay NONE = new Replay(Kind.NONE, Set.of());

    /** Which. */
    public enum Kind {
        /** Every request. */
        ALL,
        /** No request. */
        NONE,
        /** Those with one of some methods. */
        METHODS
    }

    public Replay {
        new Findings()
                .require(
                        (kind == Kind.METHODS) != methods.isEmpty(),
                        "replay",
                        kind + " " + methods,
                        "methods, or all or none of them")
                .raise();
        methods = Collections.unmodifiableSet(new LinkedHashSet<>(methods));
    }

    /** Those with one of these methods. */
    public static Replay of(Set<String> methods) {
        return new Replay(Kind.METHODS, methods);
    }

    /** As written in the configuration: {@code all}, {@code [get, list]}. */
    @Override
    public String toString() {
        return kind == Kind.METHODS ? methods.toString() : kind.name().toLowerCase(Locale.ROOT);
    }

    /** Whether a request goes to the next leg; {@code method} is its method, empty if it has none. */
    public boolean takes(String method) {
        return switch (kind) {
            case ALL -> true;
            case NONE -> false;
            case METHODS -> methods.contains(method);
        };
    }
}
