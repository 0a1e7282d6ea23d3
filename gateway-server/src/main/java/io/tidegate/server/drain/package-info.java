/** How a gateway ends its sessions before it ends itself. */
@NullMarked
package io.tidegate.server.drain;

import org.jspecify.annotations.NullMarked;
