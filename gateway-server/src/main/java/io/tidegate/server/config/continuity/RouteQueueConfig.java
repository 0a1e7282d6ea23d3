package io.tidegate.server.config.continuity;

import io.tidegate.queue.QueueConfig;

/**
 * Where client messages wait while no upstream leg is up.
 *
 * @param queue the bounds of each session's queue
 * @param routeBytes the most bytes that all sessions of the route may keep together; 0 for no bound but that of the process
 */
public record RouteQueueConfig(QueueConfig queue, long routeBytes) {

    /** The bounds of {@link QueueConfig#DEFAULTS}, none for the route. */
    public static final RouteQueueConfig DEFAULTS = new RouteQueueConfig(QueueConfig.DEFAULTS, 0);

    public RouteQueueConfig {
        ContinuityKeys.ROUTE_BYTES.check(routeBytes);
    }
}
