/**
 * The standalone gateway. {@link io.tidegate.server.Gateway} is the whole of it as one object; the command line is in
 * {@code cli}, and {@code docs/architecture.md} follows a connection through the packages.
 */
@NullMarked
package io.tidegate.server;

import org.jspecify.annotations.NullMarked;
