package io.tidegate.dedup;

import java.util.Arrays;

/**
 * Remembered keys in the order of their commits, numbered from 0 on, the oldest of which are dropped first.
 *
 * <p>24 bytes per key, in chunks that are taken and given back as both ends move, so it grows and shrinks without copying keys:
 * only the array of the chunks is copied when it doubles.
 */
final class RecentKeys {

    private static final int FIELDS = 3;
    private static final long[] NO_CHUNK = {};

    /** Keys in a chunk: few, as most sessions have few, but not so few that a large window has chunks by the ten thousand. */
    private static final int FEWEST = 64;

    private static final int MOST = 1024;

    private final int chunkBits;
    private final int chunkMask;

    /** Chunk {@code n} is at {@code n} modulo the length, a power of two. */
    private long[][] chunks = {NO_CHUNK};

    /** The chunk that the oldest key left, for the next one to come. */
    private long[] spare = NO_CHUNK;

    private long oldest;
    private long next;

    RecentKeys(int maxEntries) {
        int keys = Integer.highestOneBit(Math.max(FEWEST, Math.min(MOST, maxEntries / 1024)));
        this.chunkBits = Integer.numberOfTrailingZeros(keys);
        this.chunkMask = keys - 1;
    }

    int count() {
        return (int) (next - oldest);
    }

    /** Adds a key, and returns its number. */
    long add(long high, long low, long nanos) {
        if (isChunkStart(next)) {
            openChunk();
        }
        long[] chunk = chunk(next);
        int at = offset(next);
        chunk[at] = high;
        chunk[at + 1] = low;
        chunk[at + 2] = nanos;
        return next++;
    }

    /** The number of the oldest key; that of the next one if there is none. */
    long oldest() {
        return oldest;
    }

    void dropOldest() {
        oldest++;
        if (isChunkStart(oldest)) {
            int index = chunkIndex(oldest - 1);
            spare = chunks[index];
            chunks[index] = NO_CHUNK;
        }
    }

    void clear() {
        chunks = new long[][] {NO_CHUNK};
        spare = NO_CHUNK;
        oldest = 0;
        next = 0;
    }

    /** The number that ends in these 32 bits, of a key that wasn't dropped. */
    long number(int lowBits) {
        return next - Integer.toUnsignedLong((int) next - lowBits);
    }

    /** Whether this is the key whose number ends in these 32 bits. */
    boolean holds(int lowBits, long high, long low) {
        long number = number(lowBits);
        return high(number) == high && low(number) == low;
    }

    long high(long number) {
        return chunk(number)[offset(number)];
    }

    long low(long number) {
        return chunk(number)[offset(number) + 1];
    }

    /** When the key was added. */
    long nanos(long number) {
        return chunk(number)[offset(number) + 2];
    }

    /** Bytes that the keys take. */
    long bytes() {
        long longs = spare.length;
        for (long[] chunk : chunks) {
            longs += chunk.length;
        }
        return longs * Long.BYTES;
    }

    private void openChunk() {
        if (oldest != next && ((next - 1) >>> chunkBits) - (oldest >>> chunkBits) + 1 == chunks.length) {
            long[][] doubled = new long[chunks.length * 2][];
            Arrays.fill(doubled, NO_CHUNK);
            for (long number = oldest; number < next; number += chunkMask + 1) {
                doubled[(int) (number >>> chunkBits) & doubled.length - 1] = chunk(number);
            }
            chunks = doubled;
        }
        chunks[chunkIndex(next)] = spare == NO_CHUNK ? new long[(chunkMask + 1) * FIELDS] : spare;
        spare = NO_CHUNK;
    }

    private long[] chunk(long number) {
        return chunks[chunkIndex(number)];
    }

    private int chunkIndex(long number) {
        return (int) (number >>> chunkBits) & chunks.length - 1;
    }

    private int offset(long number) {
        return ((int) number & chunkMask) * FIELDS;
    }

    private boolean isChunkStart(long number) {
        return (number & chunkMask) == 0;
    }
}
