/**
 * The benchmark program: {@code java -jar gateway-bench.jar COMMAND}.
 *
 * <p>{@link io.tidegate.bench.Main} knows the commands, the exit codes and how durations are written; each command lives
 * in a package of its own and none knows another.
 */
@NullMarked
package io.tidegate.bench;

import org.jspecify.annotations.NullMarked;
