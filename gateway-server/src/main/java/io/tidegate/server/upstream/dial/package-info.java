/**
 * How a connection to one address comes about: {@link io.tidegate.server.upstream.dial.Dialler}, from TCP to the leg.
 *
 * <p>Not for: where to, and what if it fails.
 */
@NullMarked
package io.tidegate.server.upstream.dial;

import org.jspecify.annotations.NullMarked;
