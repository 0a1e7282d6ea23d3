/** JMH benchmarks of what {@code gateway-core} is made of. */
@NullMarked
package io.tidegate.bench.micro;

import org.jspecify.annotations.NullMarked;
