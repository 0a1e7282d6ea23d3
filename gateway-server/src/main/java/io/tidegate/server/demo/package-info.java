/**
 * What {@code tidegate demo} puts around a gateway: an upstream that echoes, and clients that talk to it.
 *
 * <pre>{@code
 * EchoUpstream echo = EchoUpstream.start();
 * Traffic traffic = Traffic.start(URI.create("ws://127.0.0.1:8080/"), 5);
 * }</pre>
 *
 * <p>Not for measuring: that is what the load generator of {@code gateway-bench} is for.
 */
@NullMarked
package io.tidegate.server.demo;

import org.jspecify.annotations.NullMarked;
