/**
 * What a fresh upstream must be told first: messages of the client that are remembered, and replayed on each new leg.
 *
 * <pre>{@code
 * Prologue<Message> prologue = Prologue.of(route.prologue(), route.requests(), maxBytes);
 * Kept kept = prologue.fromClient(wire, payload, message);      // FULL: the session can't keep its promise
 * for (PrologueEntry<Message> entry : prologue.entries()) {     // on a new leg
 *     leg.write(entry.wire().retainedDuplicate());
 *     prologue.replayed(entry);                                 // unless the client still waits for its reply
 * }
 * if (!prologue.swallows(reply)) {
 *     toClient(reply);
 * }
 * }</pre>
 *
 * <p>A message of the client:
 *
 * <pre>
 *             one of the first, or named by the rule                 replaced, forgotten, session over
 *   message ─┬──────────────────────────────────────▶ KEPT ──────────────────────────────────────────▶ released
 *            ├─ no room ─▶ FULL                       │ ▲
 *            └─ any other ─▶ not kept        replayed │ │ reply swallowed, or leg lost
 *                                                     ▼ │
 *                                                REPLY AWAITED
 * </pre>
 *
 * <p>Not for: messages that wait for a leg (a queue's), nor for keeping requests without a reply (those are replayed
 * by themselves).
 */
@NullMarked
package io.tidegate.server.prologue;

import org.jspecify.annotations.NullMarked;
