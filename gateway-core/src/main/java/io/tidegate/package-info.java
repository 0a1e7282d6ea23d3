/**
 * Tidegate's core. One package per concept; none of them knows another ({@code metrics} alone may know them), and none
 * knows Reactor Netty or the gateway process. An architecture test holds this.
 */
@NullMarked
package io.tidegate;

import org.jspecify.annotations.NullMarked;
