package io.tidegate.server.upstream.balance;

import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * One after the other, each as often as its weight says, and spread as evenly as that allows: weights 3 and 1 make
 * {@code a a b a}, not {@code a a a b}.
 *
 * <p>Smooth weighted round-robin: with each pick all candidates gain their weight, and the richest is picked and pays for
 * all. Who isn't a candidate this time neither gains nor pays.
 */
final class RoundRobin implements Balancer {

    /** Weak, so that endpoints that are gone leave it; guarded by itself. */
    private final Map<Candidate, Integer> credits = new WeakHashMap<>();

    @Override
    public <C extends Candidate> C pick(List<C> candidates, String key) {
        synchronized (credits) {
            C richest = candidates.get(0);
            int most = Integer.MIN_VALUE;
            int total = 0;
            for (C candidate : candidates) {
                int credit = credits.merge(candidate, candidate.weight(), Integer::sum);
                total += candidate.weight();
                if (credit > most) {
                    most = credit;
                    richest = candidate;
                }
            }
            credits.put(richest, most - total);
            return richest;
        }
    }
}
