/**
 * Sessions: one client leg, the upstream leg that serves it, and the relay between them.
 *
 * <p>A {@link io.tidegate.server.session.Session} joins two legs by
 * one {@link io.tidegate.server.session.Relay} each way, and sees the conversation to its end:
 *
 * <pre>
 *             Close received, leg lost, violation, stop           both connections closed,
 *                                                                 or the wait for that is over
 *   RELAYING ───────────────────────────────────────▶ CLOSING ───────────────────────────────▶ CLOSED
 * </pre>
 *
 * <p>Both legs live on one event loop, and everything in this package runs on it.
 */
@NullMarked
package io.tidegate.server.session;

import org.jspecify.annotations.NullMarked;
