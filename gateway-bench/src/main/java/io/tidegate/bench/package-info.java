/** The benchmark program: micro-benchmarks, load, faults and comparisons, one command each. */
@NullMarked
package io.tidegate.bench;

import org.jspecify.annotations.NullMarked;
