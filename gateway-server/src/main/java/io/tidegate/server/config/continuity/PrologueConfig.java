package io.tidegate.server.config.continuity;

import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.key.Findings;
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
        boolean rule = at != null;
        new Findings()
                .require(first >= 0 && first <= 1000, "first", first, "a whole number from 1 to 1000")
                .require(first != 0 || rule, "first", null, "a number, or else at with remember")
                .require(first == 0 || !rule, "at", at, "only without first")
                .require(rule || remember.isEmpty(), "remember", remember, "only with at")
                .require(rule || key == null, "key", key, "only with at")
                .require(rule || forget.isEmpty(), "forget", forget, "only with at")
                .require(!rule || !remember.isEmpty(), "remember", null, "what at least one message has at " + at)
                .require(!rule || forget.isEmpty() || key != null, "forget", forget, "only with key")
                .require(Collections.disjoint(remember, forget), "forget", forget, "nothing that is remembered")
                .raise();
        remember = Collections.unmodifiableSet(new LinkedHashSet<>(remember));
        forget = Collections.unmodifiableSet(new LinkedHashSet<>(forget));
    }
}
