/** The admin port: is the gateway alive, is it ready, what passed through it. */
@NullMarked
package io.tidegate.server.admin;

import org.jspecify.annotations.NullMarked;
