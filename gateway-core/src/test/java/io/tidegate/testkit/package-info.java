/**
 * What every module's tests stand on. With this on the test class path, a run in which a Netty buffer leaked fails,
 * with Netty's own report.
 *
 * <p>Nothing needs to be called: the JUnit Platform finds {@link io.tidegate.testkit.LeakGuard} by its service files.
 */
@NullMarked
package io.tidegate.testkit;

import org.jspecify.annotations.NullMarked;
