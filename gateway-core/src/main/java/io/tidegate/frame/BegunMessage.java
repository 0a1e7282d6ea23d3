package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a message that isn't over yet, as they come in.
 *
 * <p>Large pieces are kept as they are. Small ones are copied one behind the other, so that neither many of them nor the
 * large buffers they were read into are held: what is kept takes at most twice its length, in pieces of 2 KiB on average or
 * more, and each byte is copied a bounded number of times.
 *
 * <p><b>Ownership:</b> what it keeps is its own until {@link #take()} or {@link #release()}. <b>Threads:</b> one at a time.
 */
final class BegunMessage {

    private static final int LARGE_BYTES = 4096;
    private static final int TAIL_BYTES = 16 * 1024;

    private final ByteBufAllocator allocator;
    private final int maxComponents;

    /** All but the tail. */
    private @Nullable ByteBuf pieces;
    /** Small pieces, copied. */
    private @Nullable ByteBuf tail;

    private long bytes;

    BegunMessage(ByteBufAllocator allocator, int maxComponents) {
        this.allocator = allocator;
        this.maxComponents = maxComponents;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** How many bytes there are, headers included. */
    long bytes() {
        return bytes;
    }

    /** Adds what lies between two indexes of a buffer, which stays the caller's. */
    void add(ByteBuf in, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return;
        }
        bytes += length;
        if (length >= LARGE_BYTES && length >= in.capacity() / 2) {
            settle();
            pieces = join(allocator, maxComponents, pieces, in.retainedSlice(from, length));
            return;
        }
        if (tail != null && tail.readableBytes() + length > TAIL_BYTES) {
            settle();
        }
        if (tail == null) {
            tail = allocator.buffer(length);
        }
        tail.writeBytes(in, from, length);
    }

    /** Hands out everything; there must be something. */
    ByteBuf take() {
        settle();
        ByteBuf all = pieces;
        if (all == null) {
            throw new IllegalStateException("bytes: 0 (expected: > 0)");
        }
        pieces = null;
        bytes = 0;
        return all;
    }

    void release() {
        if (!isEmpty()) {
            take().release();
        }
    }

    private void settle() {
        if (tail != null) {
            pieces = join(allocator, maxComponents, pieces, tail);
            tail = null;
        }
    }

    /** Puts one buffer behind another, both of which it takes; copied when there are more pieces than may be. */
    static ByteBuf join(ByteBufAllocator allocator, int maxComponents, @Nullable ByteBuf first, ByteBuf second) {
        if (first == null) {
            return second;
        }
        if (first instanceof CompositeByteBuf composite) {
            return composite.addFlattenedComponents(true, second);
        }
        return allocator
                .compositeBuffer(maxComponents)
                .addComponent(true, first)
                .addFlattenedComponents(true, second);
    }
}
