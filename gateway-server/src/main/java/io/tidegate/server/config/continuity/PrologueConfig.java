package io.tidegate.server.config.continuity;

import io.tidegate.json.JsonPointer;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which client messages a new upstream leg gets first: the first few, or those that a rule remembers.
 *
 * @param first how many of a session's first messages are remembered; 0 with a rule
 * @param at where the rule looks; null without a rule
 * @param remember what must be found there for a message to be remembered; empty without a rule
 * @param key where messages that replace, and may forget, one another have the same value; null when each stays
 * @param forget what must be found at {@code at} for a message to forget the one of the same key; may be empty
 * @param swallowReplies whether the replies to replayed messages are kept from the client
 */
public record PrologueConfig(
        int first,
        @Nullable JsonPointer at,
        Set<String> remember,
        @Nullable JsonPointer key,
        Set<String> forget,
        boolean swallowReplies) {

    public PrologueConfig {
        remember = Collections.unmodifiableSet(new LinkedHashSet<>(remember));
        forget = Collections.unmodifiableSet(new LinkedHashSet<>(forget));
    }
}
