package io.tidegate.server.config.upstream;

import java.util.Locale;

/** A way to pick an endpoint. */
public enum Balance {
    /** One endpoint after the other. */
    ROUND_ROBIN,
    /** The one with the fewest connections. */
    LEAST_CONNECTIONS,
    /** Two at random, and of these the one with fewer connections. */
    RANDOM_TWO,
    /** By a header of the client's request. */
    HASH_HEADER,
    /** By a parameter in the query of the client's request. */
    HASH_QUERY,
    /** By the client's address. */
    HASH_CLIENT_IP;

    /** As written in the configuration, as far as it is always the same: {@code round-robin}, {@code hash:header:}. */
    public String text() {
        return switch (this) {
            case HASH_HEADER -> "hash:header:";
            case HASH_QUERY -> "hash:query:";
            case HASH_CLIENT_IP -> "hash:client-ip";
            default -> name().toLowerCase(Locale.ROOT).replace('_', '-');
        };
    }

    /** Whether it goes by something with a name: that of a header or parameter. */
    boolean isNamed() {
        return this == HASH_HEADER || this == HASH_QUERY;
    }
}
