/**
 * The opening handshake (RFC 6455, section 4) on both legs: what a client must ask, what goes on to the upstream, what
 * its answer must be, and what of it the client gets to see.
 *
 * <p>The client's 101 comes after the upstream's, with the upstream's subprotocol and extensions; a refusal goes back as
 * the upstream gave it. Each leg has a key of its own. Hop-by-hop headers end at the gateway (RFC 9110, section 7.6.1).
 * Compression is agreed between client and upstream, in one of two ways: {@link
 * io.tidegate.server.handshake.Compression}.
 */
@NullMarked
package io.tidegate.server.handshake;

import org.jspecify.annotations.NullMarked;
