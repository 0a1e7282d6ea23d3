/**
 * WebSocket frames as they are on the wire (RFC 6455, section 5): scanned by their headers, batched, never unmasked or
 * copied.
 *
 * <p>{@link io.tidegate.frame.FrameScanner} is the state machine that reads headers and enforces the frame rules;
 * {@link io.tidegate.frame.FrameAssembler} cuts what was read from a socket into {@linkplain io.tidegate.frame.FrameBatch
 * batches of whole frames}; {@link io.tidegate.frame.ControlFrames} writes the few frames that a gateway sends itself.
 *
 * <pre>{@code
 * FrameAssembler frames = new FrameAssembler(new FrameScanner(Sender.CLIENT, limits, false), allocator);
 * frames.append(received);                  // takes ownership of the buffer
 * FrameBatch batch = frames.take();         // null when no frame is whole yet
 * channel.writeAndFlush(batch.bytes());     // the same bytes, the client's mask key included
 * }</pre>
 *
 * <p>Everything here belongs to one connection and one thread at a time; nothing is synchronised.
 *
 * <p>Not for: reading payloads. Whoever needs messages unmasked wants the message lane.
 */
@NullMarked
package io.tidegate.frame;

import org.jspecify.annotations.NullMarked;
