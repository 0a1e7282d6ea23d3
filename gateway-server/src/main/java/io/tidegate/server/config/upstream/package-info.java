/**
 * What an upstream is told: its endpoints, how they are picked, tried again, judged and looked up. Records that validate
 * themselves, and their keys.
 *
 * <p>Not for dialling.
 */
@NullMarked
package io.tidegate.server.config.upstream;

import org.jspecify.annotations.NullMarked;
