/**
 * What a gateway is, has done and is doing, as JSON: one snapshot for whoever asks, a stream of parts of it for whoever watches,
 * the sessions, and histograms in the form of HdrHistogram's own logs.
 */
@NullMarked
package io.tidegate.server.admin.stats;

import org.jspecify.annotations.NullMarked;
