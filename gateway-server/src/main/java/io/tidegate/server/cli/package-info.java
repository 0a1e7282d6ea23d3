/** The command line: parses it, runs one command, and ends with its exit code. */
@NullMarked
package io.tidegate.server.cli;

import org.jspecify.annotations.NullMarked;
