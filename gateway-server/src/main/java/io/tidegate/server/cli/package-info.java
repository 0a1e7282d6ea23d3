/**
 * The command line: parses it, runs one command, and ends with its exit code.
 *
 * <pre>{@code
 * java -jar gateway-server.jar check --config tidegate.yaml
 * }</pre>
 *
 * <p>Results go to stdout. Errors go to stderr, one line each; so does the log, so that stdout stays for results. Exit
 * codes are those of {@link io.tidegate.server.cli.ExitCode}.
 *
 * <p>Not for deciding anything: commands read a configuration, start a gateway, and say what came of it.
 */
@NullMarked
package io.tidegate.server.cli;

import org.jspecify.annotations.NullMarked;
