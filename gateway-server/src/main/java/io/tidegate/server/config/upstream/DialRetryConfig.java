package io.tidegate.server.config.upstream;

import io.tidegate.retry.RetryConfig;

/**
 * How often, and how soon, a dial that failed is tried again.
 *
 * @param attempts backoff, and for dials before a client's 101 the number of attempts and their deadline
 * @param budget retries before a client's 101 per fresh dial, of all clients of the upstream together; 0 to 1
 */
public record DialRetryConfig(RetryConfig attempts, double budget) {

    /** {@link RetryConfig#DEFAULTS}, a budget of 20 %. */
    public static final DialRetryConfig DEFAULTS = new DialRetryConfig(RetryConfig.DEFAULTS, 0.2);

    public DialRetryConfig {
        UpstreamKeys.BUDGET.check(budget);
    }
}
