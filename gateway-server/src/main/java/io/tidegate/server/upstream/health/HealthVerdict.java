package io.tidegate.server.upstream.health;

/**
 * What a row of checks says: unhealthy after two failures in a row, healthy again after one success. One failure alone may be
 * a lost packet.
 *
 * <p><b>Threads:</b> one.
 */
final class HealthVerdict {

    private static final int FAILURES = 2;

    private int failuresInARow;

    /** Healthy until the contrary is known. */
    boolean isHealthy() {
        return failuresInARow < FAILURES;
    }

    /** Takes the result of a check. */
    void take(boolean passed) {
        failuresInARow = passed ? 0 : Math.min(FAILURES, failuresInARow + 1);
    }
}
