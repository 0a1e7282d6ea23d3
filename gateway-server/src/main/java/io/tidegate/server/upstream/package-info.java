/** Upstreams and their endpoints: which one is tried, how it is dialled, and the leg that comes of it. */
@NullMarked
package io.tidegate.server.upstream;

import org.jspecify.annotations.NullMarked;
