/**
 * One WebSocket connection after its handshake: {@link io.tidegate.server.leg.Leg}, a source of frame batches
 * ({@code Flux<FrameBatch>}) and a place to write them to.
 *
 * <pre>{@code
 * leg.listener(session);
 * leg.receive().subscribe(relay);     // batches are the subscriber's; demand turns into reading
 * other.write(batch, leg.readNanos()); // taken over, and flushed
 * }</pre>
 *
 * <p>Everything here runs on the connection's event loop. Not for: knowing what a leg's end means to the other one, which is
 * the session's business.
 */
@NullMarked
package io.tidegate.server.leg;

import org.jspecify.annotations.NullMarked;
