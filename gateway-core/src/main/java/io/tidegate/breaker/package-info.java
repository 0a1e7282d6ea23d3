/**
 * A circuit breaker for Reactor: calls that are likely to fail aren't made.
 *
 * <pre>{@code
 * Breaker breaker = Breaker.of("chat", BreakerConfig.DEFAULTS.withOpenFor(Duration.ofSeconds(5)));
 * Mono<Connection> dialled = dial.transform(m -> breaker.guard(m, Duration.ofSeconds(2)));
 *
 * Permit permit = breaker.tryAcquire();     // or by hand; null: not now
 * permit.failure(new IOException("reset")); // or success(), or release()
 * }</pre>
 *
 * <pre>
 *            too many failed or were slow
 *   CLOSED ──────────────────────────────▶ OPEN ◀───────────────────────────┐
 *     ▲                                     │ openFor is over               │ too many probes failed or were slow,
 *     │                                     ▼                               │ or all are lost
 *     └──────────────────────────────── HALF_OPEN ──────────────────────────┘
 *        enough of halfOpenCalls probes succeeded
 * </pre>
 *
 * <p>Who learns by other means that things are better ends the wait of {@code openFor} early, by {@link
 * io.tidegate.breaker.Breaker#probeNow()}.
 *
 * <p>Between two of these arrows lies a generation. A {@link io.tidegate.breaker.Permit} belongs to the one that gave it,
 * and counts for no other. Each has a Resilience4j circuit breaker of its own, which keeps the window and judges the rates.
 *
 * <p>Not for: limiting how many calls run at once; calls that never end; deciding whether to try again.
 */
@NullMarked
package io.tidegate.breaker;

import org.jspecify.annotations.NullMarked;
