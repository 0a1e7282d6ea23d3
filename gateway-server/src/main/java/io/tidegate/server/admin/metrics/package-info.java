/** What the gateway counts and times, as Prometheus metrics. {@code Metric} has them all. */
@NullMarked
package io.tidegate.server.admin.metrics;

import org.jspecify.annotations.NullMarked;
