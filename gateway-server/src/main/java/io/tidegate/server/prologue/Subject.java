package io.tidegate.server.prologue;

import org.jspecify.annotations.Nullable;

/**
 * What a message is about, by the rule of a prologue.
 *
 * @param at what stands at the first place, as text
 * @param key what stands at the second one, its type included; null if nothing does
 */
record Subject(String at, @Nullable String key) {}
