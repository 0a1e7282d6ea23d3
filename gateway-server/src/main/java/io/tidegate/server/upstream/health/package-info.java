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
 * <p>An endpoint that dropped legs grants handshakes all the same, so there the check has to keep a leg for a second.
 *
 * <p>What a client experiences may be that client's own doing. Before it opens a breaker the gateway asks for itself, and it doesn't
 * count if the endpoint grants that ({@code docs/adr/0013}).
 *
 * <p>Not for: counting in breakers. That is for what clients experience; checks decide about when in doubt.
 */
@NullMarked
package io.tidegate.server.upstream.health;

import org.jspecify.annotations.NullMarked;
