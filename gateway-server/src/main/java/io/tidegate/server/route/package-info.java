/** Routes: host and path prefix to an upstream. */
@NullMarked
package io.tidegate.server.route;

import org.jspecify.annotations.NullMarked;
