/**
 * Requests and their replies: which message of the client waits for which of the upstream, so that each id gets one reply
 * although a request may be sent more than once.
 *
 * <pre>{@code
 * Requests<Message> requests = new Requests<>(config, listener, Ticker.system());
 * switch (requests.fromClient(payload, message)) {              // accepted from the client
 *     case REQUEST, OTHER -> queue.offer(message);
 *     case DUPLICATE -> drop(message);
 * }
 * if (requests.fromUpstream(reply) == FromUpstream.PASS) {      // may call listener.answered(message, nanos)
 *     toClient(reply);
 * }
 * requests.expire(late -> toClient(requests.fail(late, FailReason.TIMEOUT)));
 * }</pre>
 *
 * <p>An id:
 *
 * <pre>
 *             request                 last reply, or fail               5 min, or 10,000 others
 *   unknown ───────────▶ PENDING ─────────────────────────▶ REMEMBERED ─────────────────────────▶ unknown
 *      ▲                 │ ▲  │ ▲ result of a subscription:    │  │ ▲ another reply: dropped
 *      │                 │ │  └─┘ no timeout any more          │  └─┘
 *      └── cancel ───────┘ └──────────── request ──────────────┘
 * </pre>
 *
 * <p>{@link io.tidegate.server.requests.Requests} decides; {@link io.tidegate.server.requests.MessageReader} reads what a message is
 * about, by the rules of JSON-RPC 2.0, OCPP-J, graphql-transport-ws, or pointers of the route's own. Limits of that: a
 * request whose id is longer than 256 bytes isn't tracked, and its replies pass; numbers as ids are compared by their
 * value, exactly, so that a peer that reads {@code 9007199254740993} as a double and answers {@code 9007199254740992} has
 * answered another request; a batch of replies goes to the client whole as long as one of them is a first one.
 *
 * <p>Not for: holding messages or sending them (that is a session's), or replies that have no id.
 */
@NullMarked
package io.tidegate.server.requests;

import org.jspecify.annotations.NullMarked;
