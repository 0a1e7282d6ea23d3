/**
 * Finding out how an endpoint is without risking a client: periodic checks where they are configured, and checks that find
 * out whether an endpoint whose breaker is open is back.
 *
 * <pre>
 *   breaker opens ──▶ wait 50 ms ──▶ check ── passes ──▶ breaker half-open
 *                       ▲              │
 *                       └── fails: wait a quarter of the time since it opened, 50 ms to 5 s
 * </pre>
 *
 * <p><b>Why.</b> A breaker's own wait has to be long enough not to bother an upstream in trouble with everybody's probes. One
 * small connection is less of a bother, so it may be made sooner, and thousands of sessions needn't.
 *
 * <p>Not for: judging endpoints by what clients experience; that is the breaker's part, and checks don't count there.
 */
@NullMarked
package io.tidegate.server.upstream.health;

import org.jspecify.annotations.NullMarked;
