package io.tidegate.server.config.continuity;

import java.util.Collections;
import java.util.LinkedHashSet;
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
        methods = Collections.unmodifiableSet(new LinkedHashSet<>(methods));
    }

    /** Those with one of these methods. */
    public static Replay of(Set<String> methods) {
        return new Replay(Kind.METHODS, methods);
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
