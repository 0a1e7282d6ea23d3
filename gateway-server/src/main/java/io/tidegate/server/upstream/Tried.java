package io.tidegate.server.upstream;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The endpoints that a run of dials has been to. When all have been tried a new round begins, in which the last one is
 * behind the others again.
 *
 * <p><b>Threads:</b> any.
 */
final class Tried {

    private final Set<Endpoint> endpoints = ConcurrentHashMap.newKeySet();

    void add(Endpoint endpoint) {
        endpoints.add(endpoint);
    }

    boolean contains(Endpoint endpoint) {
        return endpoints.contains(endpoint);
    }

    /** All but {@code last} count as not tried. */
    void startOver(Endpoint last) {
        endpoints.retainAll(Set.of(last));
    }
}
