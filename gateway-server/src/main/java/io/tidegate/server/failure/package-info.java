/**
 * What can go wrong before a client's 101: {@link io.tidegate.server.failure.Failure} is the table of it, with the HTTP
 * status, the log level and the metric label of each. What ends a session after it, and which close codes that means, is
 * the business of {@link io.tidegate.server.session.Session}.
 */
@NullMarked
package io.tidegate.server.failure;

import org.jspecify.annotations.NullMarked;
