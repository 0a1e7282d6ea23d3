/**
 * What clients and upstreams of a fault scenario say to each other.
 *
 * <p>Each message bears the number of its client and its number among that client's messages, and a filler that follows
 * from both, so that either side tells a message that came through whole from one that didn't.
 */
@NullMarked
package io.tidegate.bench.fault.message;

import org.jspecify.annotations.NullMarked;
