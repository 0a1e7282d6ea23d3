/**
 * The upstream of a fault scenario: a WebSocket server in a process of its own, made to be killed.
 *
 * <p>It writes down what it read before it answers, with a {@code write(2)} for each message: what the kernel took
 * outlives the process. All upstreams of a run append to one file, the journal, so that the kernel puts their records in
 * one order, and no two clocks need to agree.
 */
@NullMarked
package io.tidegate.bench.fault.upstream;

import org.jspecify.annotations.NullMarked;
