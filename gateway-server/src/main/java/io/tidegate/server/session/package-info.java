/**
 * Sessions: one client leg, the upstream legs that serve it one after another, and what passes between them.
 *
 * <pre>{@code
 * SessionLog log = new SessionLog(lines, number, label, address, traceId);
 * Lifecycle life = new Lifecycle(log, traffic);        // dialling
 * Session session = new Session(life, terms, upstream, call, client, firstLeg, traffic, sessions::remove);
 * session.start();
 * }</pre>
 *
 * <pre>
 *                client's 101              upstream leg lost
 *   DIALLING ──────────────────▶ RELAYING ◀─────────────────▶ RECONNECTING
 *      │                            │         another leg          │
 *      │ no leg                     │ a final end, stop            │ time over, final refusal, client gone, stop
 *      ▼                            ▼                              │
 *    CLOSED ◀──────────────────  CLOSING ◀─────────────────────────┘
 *             all connections closed, or cut off
 * </pre>
 *
 * <p>{@link io.tidegate.server.session.Session} decides; {@link io.tidegate.server.session.Terms} say what its route
 * promises. A {@link io.tidegate.server.session.Relay} takes the batches of one leg to a sink: a {@link
 * io.tidegate.server.session.Passage} where nothing is promised, else an {@link io.tidegate.server.session.Uplink}, which keeps
 * the client's messages until they are delivered, and a {@link io.tidegate.server.session.Downlink}, which takes away what is
 * not for the client. {@link io.tidegate.server.session.Pings} find out whether an upstream leg lives and what was read there,
 * {@link io.tidegate.server.session.Reconnects} has another one dialled, {@link io.tidegate.server.session.Handover} changes legs
 * that work, {@link io.tidegate.server.session.Retirement} and {@link io.tidegate.server.session.Farewell} bound the end of a leg
 * and of all. {@link io.tidegate.server.session.SessionLog} says in the log what happened.
 *
 * <p>Bytes go on as they came, whatever is looked into ({@link io.tidegate.server.session.Inspection}). All legs live on one
 * event loop, and everything in this package runs on it.
 *
 * <p>Not for: which endpoint is dialled and when (an upstream's), nor what a request or a prologue is (packages of their own).
 */
@NullMarked
package io.tidegate.server.session;

import org.jspecify.annotations.NullMarked;
