/**
 * What it takes to look into a message, for the features that need its payload.
 *
 * <pre>{@code
 * switch (inflater.inflate(payload, scratch, limits.message())) {
 *     case INFLATED -> inspect(scratch);
 *     case TOO_BIG -> end(CloseStatus.TOO_BIG);
 *     case BROKEN -> end(CloseStatus.INVALID_PAYLOAD);
 * }
 * }</pre>
 *
 * <p>Not for what goes over the wire: a session passes a message on as it came.
 */
@NullMarked
package io.tidegate.server.message;

import org.jspecify.annotations.NullMarked;
