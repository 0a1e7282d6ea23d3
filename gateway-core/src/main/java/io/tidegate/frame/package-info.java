/**
 * WebSocket frames as they are on the wire (RFC 6455, section 5): scanned by their headers, batched, and never
 * changed on their way.
 *
 * <p>{@link io.tidegate.frame.FrameScanner} is the state machine that reads headers and enforces the frame rules;
 * {@link io.tidegate.frame.FrameAssembler} cuts what was read from a socket into {@linkplain io.tidegate.frame.FrameBatch
 * batches} of whole frames, or of whole messages; {@link io.tidegate.frame.FrameWalker} steps over the messages of the
 * latter, and copies their payload, unmasked, for inspection; {@link io.tidegate.frame.ControlFrames} and
 * {@link io.tidegate.frame.DataFrames} write the few frames that a gateway sends itself.
 *
 * <pre>{@code
 * FrameAssembler frames = new FrameAssembler(
 *         new FrameScanner(Sender.CLIENT, limits, false), allocator, Granularity.FRAMES);
 * frames.append(received);                  // takes ownership of the buffer
 * FrameBatch batch = frames.take();         // null when no frame is whole yet
 * channel.writeAndFlush(batch.bytes());     // the same bytes, the client's mask key included
 * }</pre>
 *
 * <p>Everything here belongs to one connection and one thread at a time; nothing is synchronised.
 *
 * <p>Not for: what payloads say (UTF-8, JSON, compression), or changing them.
 */
@NullMarked
package io.tidegate.frame;

import org.jspecify.annotations.NullMarked;
