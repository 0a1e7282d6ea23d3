package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.tidegate.dedup.DedupGate;
import io.tidegate.queue.Delivery;
import org.jspecify.annotations.Nullable;

/** A message of the client, from when it was read until it has left the session's queue. */
final class ClientMessage {

    /** Its frames as they came; the queue's. */
    final ByteBuf wire;
    /** Its payload, in bytes, as on the wire. */
    final long payloadBytes;
    /** What {@link DedupGate#admit} said. */
    final long admission;
    /** When it was read. */
    final long readNanos;

    /** Whether its reply is waited for. */
    boolean isRequest;
    /** Whether its reply came, so that it needs no sending any more, should it wait for its turn still. */
    boolean isAnswered;

    /** Whether it has left the queue. */
    boolean isOver;
    /** The number of the leg that a replayed prologue took it to, before its turn in the queue; 0 for none. */
    long sentAhead;
    /** The attempt under way. */
    @Nullable
    Delivery<ClientMessage> delivery;

    ClientMessage(ByteBuf wire, long payloadBytes, long admission, long readNanos) {
        this.wire = wire;
        this.payloadBytes = payloadBytes;
        this.admission = admission;
        this.readNanos = readNanos;
    }
}
