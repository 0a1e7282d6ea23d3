package io.tidegate.bench.targets;

/**
 * What a benchmark came to.
 *
 * @param nanos per operation
 * @param bytes allocated per operation
 */
record Score(double nanos, double bytes) {

    /**
     * Whether an operation allocates nothing. What the JVM itself allocates while a benchmark runs comes to some
     * thousandths of a byte; the smallest object has 16 bytes.
     */
    boolean allocatesNothing() {
        return bytes < 0.1;
    }
}
