/**
 * The processes of a fault scenario, how they are broken, and what the kernel tells about them.
 *
 * <p>{@link io.tidegate.bench.fault.process.Children} ends all of them, by their process ids, however the run ends.
 */
@NullMarked
package io.tidegate.bench.fault.process;

import org.jspecify.annotations.NullMarked;
