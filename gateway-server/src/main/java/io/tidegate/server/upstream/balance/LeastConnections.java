package io.tidegate.server.upstream.balance;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The least busy one; of several equally busy ones, each in turn. */
final class LeastConnections implements Balancer {

    private final AtomicInteger turn = new AtomicInteger();

    @Override
    public <C extends Candidate> C pick(List<C> candidates, String key) {
        int first = Math.floorMod(turn.getAndIncrement(), candidates.size());
        C least = candidates.get(first);
        double lowest = least.load();
        for (int i = 1; i < candidates.size(); i++) {
            C candidate = candidates.get((first + i) % candidates.size());
            double load = candidate.load();
            if (load < lowest) {
                lowest = load;
                least = candidate;
            }
        }
        return least;
    }
}
