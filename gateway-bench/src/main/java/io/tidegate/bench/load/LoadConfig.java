package io.tidegate.bench.load;

/**
 * One run of the load generator.
 *
 * @param target what is put under load
 * @param opening how connections are opened
 * @param traffic what is sent
 * @param phases how long
 * @param threads event loops; 1 to 64, never more than connections are used
 */
public record LoadConfig(Target target, Opening opening, Traffic traffic, Phases phases, int threads) {

    /** Validates. */
    public LoadConfig {
        if (threads < 1 || threads > 64) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: 1 to 64)");
        }
    }

    /** Event loops really used. */
    int loops() {
        return Math.min(threads, opening.connections());
    }
}
