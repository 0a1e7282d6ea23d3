package io.tidegate.bench.fault.message;

/**
 * The number of a message.
 *
 * @param client its client, from 0
 * @param sequence its place among that client's messages, from 0
 */
public record Numbered(int client, int sequence) {}
