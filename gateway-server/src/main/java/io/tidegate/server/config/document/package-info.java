/**
 * What was written, before anyone asks what it means: a tree of maps, lists and texts in which each piece remembers the
 * file and line, the environment variable or the option that it came from.
 *
 * <pre>{@code
 * Problems problems = new Problems();
 * Value root = YamlDocument.parse("tidegate.yaml", text, problems);
 * }</pre>
 *
 * <p>Untrusted files are safe to read: size, nesting and what aliases expand to are bounded, and each refusal is one
 * {@link io.tidegate.server.config.document.Problem} on one line.
 *
 * <p>Not for meaning: which keys there are and what they may hold is the concern of the {@code key} package.
 */
@NullMarked
package io.tidegate.server.config.document;

import org.jspecify.annotations.NullMarked;
