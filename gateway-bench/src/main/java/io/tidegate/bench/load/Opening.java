package io.tidegate.bench.load;

import java.time.Duration;

/**
 * How connections are opened.
 *
 * @param connections how many, 1 to 1,048,576
 * @param rate connects per second, 0 = as fast as they succeed
 * @param concurrency connects under way at a time, at least 1
 * @param timeout for each, from dialling to the end of the handshake; above 0
 */
public record Opening(int connections, double rate, int concurrency, Duration timeout) {

    /** Validates. */
    public Opening {
        if (connections < 1 || connections > MessageId.CONNECTIONS) {
            throw new IllegalArgumentException(
                    "connections: " + connections + " (expected: 1 to " + MessageId.CONNECTIONS + ")");
        }
        if (!(rate >= 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("connect-rate: " + rate + " (expected: >= 0)");
        }
        if (concurrency < 1) {
            throw new IllegalArgumentException("connect-concurrency: " + concurrency + " (expected: >= 1)");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("connect-timeout: " + timeout + " (expected: > 0)");
        }
    }

    /** Opens connections as fast as they succeed, 200 at a time. */
    public static Opening of(int connections) {
        return new Opening(connections, 0, 200, Duration.ofSeconds(10));
    }
}
