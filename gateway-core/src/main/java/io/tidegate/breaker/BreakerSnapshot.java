package io.tidegate.breaker;

import java.time.Duration;

/**
 * What a breaker was at one moment.
 *
 * <p>The rates are of the last {@code window} results when closed, of the probes when half-open, and of what made it open
 * when open. They are plain fractions of {@code calls}, also while those are too few to be judged by.
 *
 * @param state what it does with calls
 * @param forced whether somebody forced it into that state
 * @param generation how often it was renewed, by a transition or by force; the first is 0
 * @param failureRate failures among {@code calls}, 0 to 1; 0 if there were no calls
 * @param slowCallRate slow ones among {@code calls}, 0 to 1; 0 if there were no calls
 * @param calls results that the rates are made of
 * @param rejected calls not let in, since the breaker was made
 * @param late results that came too late to count, since the breaker was made
 * @param sinceTransition since when it is in this generation
 * @param untilProbe as {@link Breaker#untilProbe()}
 */
public record BreakerSnapshot(
        BreakerState state,
        boolean forced,
        long generation,
        double failureRate,
        double slowCallRate,
        int calls,
        long rejected,
        long late,
        Duration sinceTransition,
        Duration untilProbe) {}
