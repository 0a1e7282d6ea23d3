/**
 * What a gateway is told, and how that is read.
 *
 * <pre>{@code
 * GatewayConfig config = ConfigReader.read(Path.of("tidegate.yaml"), System.getenv());
 * }</pre>
 *
 * <p>The records validate themselves, so a {@link io.tidegate.server.config.GatewayConfig} that exists can be run. Every
 * key is defined once, in {@code ConfigKeys} or, for what upstreams and continuity need, in the packages below; {@code
 * docs/configuration.md} and {@code docs/schema.json} are written from there. A file is read whole, and everything that
 * is wrong with it is reported at once, before any port is bound.
 *
 * <p>Not for deciding which route a request takes, nor for watching files.
 */
@NullMarked
package io.tidegate.server.config;

import org.jspecify.annotations.NullMarked;
