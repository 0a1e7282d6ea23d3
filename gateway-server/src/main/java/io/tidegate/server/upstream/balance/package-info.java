/**
 * Which of several endpoints a leg goes to: {@link io.tidegate.server.upstream.balance.Balancer} picks among candidates that
 * somebody else found fit.
 *
 * <pre>{@code
 * Balancer balancer = Balancer.of(Balance.LEAST_CONNECTIONS);
 * Endpoint next = balancer.pick(usable, "");
 * }</pre>
 *
 * <p>Not for: judging whether an endpoint may be tried; that is for breakers and health checks.
 */
@NullMarked
package io.tidegate.server.upstream.balance;

import org.jspecify.annotations.NullMarked;
