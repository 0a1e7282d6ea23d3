/**
 * What can go wrong with a connection, and what each such failure means to whom: HTTP status before the client's 101,
 * close code after it, log level, metric label. {@link io.tidegate.server.failure.Failure} is the one table of that.
 */
@NullMarked
package io.tidegate.server.failure;

import org.jspecify.annotations.NullMarked;
