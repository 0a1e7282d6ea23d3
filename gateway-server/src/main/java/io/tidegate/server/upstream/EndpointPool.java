package io.tidegate.server.upstream;

import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.failure.UnavailableException;
import io.tidegate.server.upstream.balance.Balancer;
import io.tidegate.server.upstream.balance.HashKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints there are, and which of them is tried next: of those that may be tried, first the ones that this run did not
 * try yet, then those that it did; and only if all of these fail their health checks, or turn everybody away, the failing
 * ones, in the same order.
 *
 * <p><b>Threads:</b> any.
 */
final class EndpointPool {

    /**
     * The endpoints that a run of dials has been to. When all have been tried a new round begins, in which the last one is
     * behind the others again.
     *
     * <p><b>Threads:</b> any.
     */
    static final class Tried {

        private final Set<Endpoint> endpoints = ConcurrentHashMap.newKeySet();
        private final Set<Endpoint> inVain = ConcurrentHashMap.newKeySet();
        private volatile @Nullable Endpoint last;

        void add(Endpoint endpoint) {
            endpoints.add(endpoint);
            last = endpoint;
        }

        /** Its answer was final: nothing would change if it was asked again. */
        void ruleOut(Endpoint endpoint) {
            inVain.add(endpoint);
        }

        boolean rulesOut(Endpoint endpoint) {
            return inVain.contains(endpoint);
        }

        boolean rulesOutAny() {
            return !inVain.isEmpty();
        }

        boolean contains(Endpoint endpoint) {
            return endpoints.contains(endpoint);
        }

        /** All but the last one count as not tried. */
        void startOver() {
            Endpoint kept = last;
            endpoints.removeIf(endpoint -> endpoint != kept);
        }
    }

    private final String upstream;
    private final BalanceConfig balance;
    private final Balancer forNew;
    private final Balancer forLost;
    private volatile List<Endpoint> endpoints = List.of();

    EndpointPool(String upstream, BalanceConfig balance) {
        this.upstream = upstream;
        this.balance = balance;
        this.forNew = Balancer.of(balance.kind());
        this.forLost = isHashed() ? forNew : Balancer.of(Balance.LEAST_CONNECTIONS);
    }

    /** Endpoints, in no order that means anything; those that are being emptied included. */
    List<Endpoint> endpoints() {
        return endpoints;
    }

    void endpoints(List<Endpoint> value) {
        endpoints = List.copyOf(value);
    }

    boolean isHashed() {
        return HashKey.isHash(balance);
    }

    String keyOf(Call call) {
        return HashKey.of(balance, call.request());
    }

    /** Picks an endpoint for a client's first leg; {@code null} when none may be tried. */
    @Nullable
    Attempt select(String key, Tried tried) {
        return best(key, tried, forNew, endpoint -> true);
    }

    /**
     * Picks an endpoint for a leg in place of another one: by its key where there is one, else the least busy, whatever the
     * way for new ones. So what is moved, or was lost, ends up spread evenly, also when an endpoint is new and empty. When all
     * have been tried, a new round begins.
     */
    @Nullable
    Attempt selectAgain(String key, Tried tried) {
        return selectOther(key, tried, endpoint -> true);
    }

    /** The same for a session that leaves an endpoint which still serves it, among those that it may go to. */
    @Nullable
    Attempt selectOther(String key, Tried tried, Predicate<Endpoint> may) {
        if (!hasUntried(tried, may)) {
            tried.startOver();
        }
        return best(key, tried, forLost, may);
    }

    private @Nullable Attempt best(String key, Tried tried, Balancer balancer, Predicate<Endpoint> may) {
        Predicate<Endpoint> failing = Endpoint::isFailing;
        Predicate<Endpoint> known = tried::contains;
        for (Predicate<Endpoint> tier : List.of(failing.negate(), failing)) {
            for (Predicate<Endpoint> fits : List.of(known.negate(), known)) {
                Attempt attempt = first(key, balancer, may.and(tier).and(fits));
                if (attempt != null) {
                    return attempt;
                }
            }
        }
        return null;
    }

    private @Nullable Attempt first(String key, Balancer balancer, Predicate<Endpoint> fits) {
        List<Endpoint> candidates = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (fits.test(endpoint) && endpoint.mayBeTried()) {
                candidates.add(endpoint);
            }
        }
        while (!candidates.isEmpty()) {
            Endpoint endpoint = balancer.pick(candidates, key);
            Attempt attempt = endpoint.tryAcquire(key);
            if (attempt != null) {
                return attempt;
            }
            candidates.remove(endpoint);
        }
        return null;
    }

    /** Where a key belongs of those that could have it now; {@code null} when none could. */
    @Nullable
    Endpoint homeOf(String key, List<Endpoint> usable) {
        return usable.isEmpty() ? null : forLost.pick(usable, key);
    }

    /** Those that may be tried and whose health checks don't fail. */
    List<Endpoint> usable() {
        return endpoints.stream()
                .filter(endpoint -> endpoint.mayBeTried() && !endpoint.isFailing())
                .toList();
    }

    /** Whether there is one that {@code tried} hasn't, among the best there are of those that it may be. */
    private boolean hasUntried(Tried tried, Predicate<Endpoint> may) {
        List<Endpoint> best = usable().stream().filter(may).toList();
        return (best.isEmpty() ? endpoints.stream().filter(Endpoint::mayBeTried).filter(may) : best.stream())
                .anyMatch(endpoint -> !tried.contains(endpoint));
    }

    boolean mayTryAny() {
        return endpoints.stream().anyMatch(Endpoint::mayBeTried);
    }

    UnavailableException unavailable() {
        List<Endpoint> now = endpoints;
        String why = now.stream()
                .map(Endpoint::unavailability)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("; "));
        Duration wait = now.stream()
                .filter(Endpoint::isOffered)
                .map(endpoint -> endpoint.breakerSnapshot().untilProbe())
                .min(Duration::compareTo)
                .orElse(Duration.ofSeconds(5));
        return new UnavailableException(
                "upstream " + upstream + " has no endpoint that may be tried" + (why.isEmpty() ? "" : ": " + why),
                wait);
    }
}
