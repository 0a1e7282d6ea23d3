/**
 * What a route promises its clients when an upstream leg is lost, and what it keeps for that: records that validate
 * themselves, and their keys.
 *
 * <p>Not for keeping the promises.
 */
@NullMarked
package io.tidegate.server.config.continuity;

import org.jspecify.annotations.NullMarked;
