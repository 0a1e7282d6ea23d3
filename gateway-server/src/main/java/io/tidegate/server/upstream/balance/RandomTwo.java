package io.tidegate.server.upstream.balance;

import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Two different ones drawn by their weights, and of these the less busy.
 *
 * <p>Nearly as even as to look at all, and gateways that don't know of each other don't all fall upon the same endpoint
 * (M. Mitzenmacher, <i>The Power of Two Choices in Randomized Load Balancing</i>, 2001).
 */
final class RandomTwo implements Balancer {

    private final IntUnaryOperator random;

    /** @param random gives for n > 0 a number from 0 to n - 1, each as likely as the others */
    RandomTwo(IntUnaryOperator random) {
        this.random = random;
    }

    @Override
    public <C extends Candidate> C pick(List<C> candidates, String key) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        int total = 0;
        for (C candidate : candidates) {
            total += candidate.weight();
        }
        C one = drawn(candidates, null, random.applyAsInt(total));
        C other = drawn(candidates, one, random.applyAsInt(total - one.weight()));
        return other.load() < one.load() ? other : one;
    }

    /** The candidate at {@code place} when each takes up as many places as its weight, and {@code without} takes none. */
    private static <C extends Candidate> C drawn(List<C> candidates, @Nullable C without, int place) {
        int left = place;
        for (C candidate : candidates) {
            if (candidate != without) {
                left -= candidate.weight();
                if (left < 0) {
                    return candidate;
                }
            }
        }
        throw new IllegalArgumentException("place: " + place + " (expected: less than the sum of weights)");
    }
}
