/**
 * The kinds of configuration keys, and all that follows from a key's definition: reading its value, judging it, naming
 * its environment variable and describing it.
 *
 * <pre>{@code
 * static final Key<Duration> TIMEOUT = Key.withDefault("timeout", Quantity.duration("1ms", "1h"), "2s", "How long to wait.");
 * static final Group<Settings> SETTINGS =
 *         new Group<>("settings", List.of(TIMEOUT), bound -> new Settings(bound.get(TIMEOUT)));
 * }</pre>
 *
 * <p>A {@link io.tidegate.server.config.key.Shape} is one of five: a {@link io.tidegate.server.config.key.Scalar}, a
 * {@link io.tidegate.server.config.key.Listing} of shapes, a {@link io.tidegate.server.config.key.Naming} (a map from
 * names that the user chooses to one shape), a {@link io.tidegate.server.config.key.Group} of known keys, or a {@link
 * io.tidegate.server.config.key.WordOrList}.
 *
 * <p>Not for the keys themselves: those are in the packages around it.
 */
@NullMarked
package io.tidegate.server.config.key;

import org.jspecify.annotations.NullMarked;
