/** What passes through each route, counted per event loop without contention and summed up when somebody looks. */
@NullMarked
package io.tidegate.server.traffic;

import org.jspecify.annotations.NullMarked;
