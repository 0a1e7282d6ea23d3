/**
 * Endpoints that are names: which addresses they have, and when that changes.
 *
 * <p>{@link io.tidegate.server.upstream.dns.NameWatch} asks again and again, {@link
 * io.tidegate.server.upstream.dns.AddressBook} decides what has come and gone. What the hosts file answers isn't asked for.
 *
 * <p>Not for: picking one of the addresses; each becomes an endpoint of its own.
 */
@NullMarked
package io.tidegate.server.upstream.dns;

import org.jspecify.annotations.NullMarked;
