/**
 * The clients of a fault scenario: they send numbered messages through the gateway, whatever happens, and keep book of the
 * replies.
 */
@NullMarked
package io.tidegate.bench.fault.client;

import org.jspecify.annotations.NullMarked;
