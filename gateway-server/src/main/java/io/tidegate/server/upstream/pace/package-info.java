/**
 * So many a second and no more: {@link io.tidegate.server.upstream.pace.Pacer} decides when the first of those who wait may
 * go, {@link io.tidegate.server.upstream.pace.PacedLine} keeps its time.
 *
 * <p><b>Why.</b> 9,000 sessions that lose an endpoint in the same moment would be 9,000 dials in the same moment at its
 * successor. Each of them waits its turn instead, at the cost of a place in a line.
 *
 * <p>Not for: requests of one client, or anything that must not wait.
 */
@NullMarked
package io.tidegate.server.upstream.pace;

import org.jspecify.annotations.NullMarked;
