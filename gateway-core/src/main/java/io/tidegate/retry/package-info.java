/**
 * Trying again what failed, without making a bad moment worse: exponential backoff with full jitter, a cap on attempts, a
 * deadline over all of them, and a budget that all who retry share.
 *
 * <pre>{@code
 * RetryBudget budget = RetryBudget.of(0.2);                     // one per upstream: 20 retries per 100 fresh attempts
 * RetryPolicy dialling = RetryPolicy.builder(RetryConfig.DEFAULTS)
 *         .budget(budget)
 *         .gate(breaker::untilProbe, BreakerOpenException.class::isInstance)
 *         .build();
 * dial.retryWhen(dialling.retry()).subscribe();                 // for a Mono and a Flux alike
 * }</pre>
 *
 * <p>A run, from one subscription to its end:
 *
 * <pre>
 *                      failed, worth a retry, and
 *              ┌─ attempts, time and budget are left ──▶ WAITING ◀─┐ gate shut: wait for it,
 *              │                                          │  ▲  └──┘ and some jitter longer
 *    ──▶ UNDER WAY ── refused by the gate ────────────────┼──┘
 *          │   │  ▲                                       │
 *          │   │  └──── wait over, gate open ─────────────┘
 *          │   └─ otherwise, and when the deadline comes ──▶ GAVE UP
 *          └───── completed ──▶ done
 * </pre>
 *
 * <p><b>Why full jitter.</b> Clients that failed together would otherwise come back together, at each step of the backoff.
 * A delay drawn from all of zero to the ceiling spreads them best (M. Brooker, <i>Exponential Backoff And Jitter</i>, AWS
 * Architecture Blog, 2015).
 *
 * <p><b>Why a budget.</b> A cap bounds what one caller repeats, and nothing else. When an upstream fails for all, five
 * attempts each make five times the load just when it can bear the least, retries at several layers multiply, and the load
 * keeps it down after the first cause is gone: a retry storm. A budget bounds the retries of everybody together to a share
 * of the fresh attempts, so the load grows by that share at worst, and while failures are few nobody notices it (B. Beyer
 * et al., <i>Site Reliability Engineering</i>, O'Reilly 2016, chapters 21 and 22; Finagle's and Linkerd's retry budgets).
 *
 * <p><b>Why a gate.</b> To try against an open circuit breaker is to be refused. The wait is known, so it is waited for;
 * it costs neither attempts nor budget, and jitter keeps those who wait from falling upon the first probe.
 *
 * <p>Not for: keeping a connection up for ever (there {@link io.tidegate.retry.Backoff} is of use by itself), repeating
 * what is not safe to do twice (that is for {@link io.tidegate.retry.RetryPolicy.Builder#retryOn} to know), or limiting the
 * rate of fresh attempts.
 */
@NullMarked
package io.tidegate.retry;

import org.jspecify.annotations.NullMarked;
