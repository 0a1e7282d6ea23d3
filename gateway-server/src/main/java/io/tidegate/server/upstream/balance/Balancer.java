package io.tidegate.server.upstream.balance;

import io.tidegate.server.config.upstream.Balance;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A way to pick one of several endpoints.
 *
 * <p><b>Threads:</b> any. Never blocks.
 */
public interface Balancer {

    /**
     * Picks one.
     *
     * @param candidates at least one
     * @param key what a hash goes by; of no interest to other ways
     */
    <C extends Candidate> C pick(List<C> candidates, String key);

    /** A new balancer, with turns of its own. */
    static Balancer of(Balance kind) {
        return switch (kind) {
            case ROUND_ROBIN -> new RoundRobin();
            case LEAST_CONNECTIONS -> new LeastConnections();
            case RANDOM_TWO ->
                new RandomTwo(bound -> ThreadLocalRandom.current().nextInt(bound));
            case HASH_HEADER, HASH_QUERY, HASH_CLIENT_IP -> new Rendezvous();
        };
    }
}
