package io.tidegate.server.upstream.balance;

import java.util.List;

/**
 * The one that scores highest with the key: rendezvous hashing (D. Thaler and C. Ravishankar, <i>Using Name-Based Mappings
 * to Increase Hit Rates</i>, 1998), with the weights of J. Resch, <i>New Hashing Algorithms for Data Storage</i>, 2015.
 *
 * <p>Each candidate's score with a key depends on these two alone. So when one goes its own keys move, to each of the
 * others by its weight, and all other keys stay; and gateways that don't know of each other agree.
 */
final class Rendezvous implements Balancer {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    @Override
    public <C extends Candidate> C pick(List<C> candidates, String key) {
        C best = candidates.get(0);
        double highest = Double.NEGATIVE_INFINITY;
        for (C candidate : candidates) {
            double score = score(key, candidate);
            if (score > highest) {
                highest = score;
                best = candidate;
            }
        }
        return best;
    }

    private static double score(String key, Candidate candidate) {
        // 53 bits make a number between 0 and 1, never either of them.
        double even = ((hash(key, candidate.id()) >>> 11) + 0.5) * 0x1p-53;
        return candidate.weight() / -Math.log(even);
    }

    /** FNV-1a over both, finished as in SplitMix64, as FNV alone leaves the upper bits too much alike. */
    private static long hash(String key, String id) {
        long hash = fnv(fnv(FNV_OFFSET, key) * FNV_PRIME, id);
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    private static long fnv(long start, String text) {
        long hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }
}
