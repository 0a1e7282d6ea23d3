/** Tables in plain text. */
@NullMarked
package io.tidegate.bench.table;

import org.jspecify.annotations.NullMarked;
