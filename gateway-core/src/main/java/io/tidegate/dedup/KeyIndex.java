package io.tidegate.dedup;

import java.util.Arrays;

/**
 * Finds keys, by hash: where they are among {@link RecentKeys} or {@link PendingKeys}, which keep the keys themselves.
 *
 * <p>Open addressing with linear probing (Knuth, volume 3, 6.4, algorithms L and R), over segments that grow each on its own: what is
 * copied at once is one segment of some thousand keys, never the whole. A slot is 8 bytes, so a cache line holds eight of
 * them, and 30 bits of the hash in each tell other keys apart: a look-up that finds nothing reads one place of memory that
 * isn't in a cache, whatever the number of keys.
 */
final class KeyIndex {

    /** What stands in for the slot of a key that isn't there. */
    static final long ABSENT = 0;

    /** Keys per segment that a full index has, about. */
    private static final int SEGMENT_KEYS = 4096;

    private static final int FEWEST_SLOTS = 8;
    private static final long[] NO_SLOTS = {ABSENT};

    // A slot, unless ABSENT: 1 bit that is set, 30 bits of the hash, 1 bit that is set for a pending key, 32 bits of
    // reference.
    private static final long TAKEN = 1L << 63;
    private static final int HASH_SHIFT = 33;
    private static final long HASH = -1L << HASH_SHIFT;
    private static final long PENDING = 1L << 32;

    private final RecentKeys recent;
    private final PendingKeys pending;
    private final long[][] segments;
    private final int[] taken;

    KeyIndex(RecentKeys recent, PendingKeys pending, int maxEntries) {
        this.recent = recent;
        this.pending = pending;
        int count = ceilingPowerOfTwo((maxEntries + SEGMENT_KEYS - 1) / SEGMENT_KEYS);
        this.segments = new long[count][];
        this.taken = new int[count];
        clear();
    }

    /** All bits of the key in all bits of the hash, cheaply. */
    static long hash(long high, long low) {
        long hash = low * 0x9E3779B97F4A7C15L + high;
        hash = (hash ^ hash >>> 32) * 0xD6E8FEB86659FD93L;
        return hash ^ hash >>> 32;
    }

    /** The slot of a key that is under way. */
    static long pendingSlot(long hash, int place) {
        return ((hash | TAKEN) & HASH) | PENDING | place;
    }

    /** The slot of a key that is remembered. */
    static long recentSlot(long hash, long number) {
        return ((hash | TAKEN) & HASH) | Integer.toUnsignedLong((int) number);
    }

    static boolean isPending(long slot) {
        return (slot & PENDING) != 0;
    }

    /** The slot of a key, or {@link #ABSENT}. */
    long find(long hash, long high, long low) {
        long[] slots = segments[segment(hash)];
        int mask = slots.length - 1;
        long wanted = hash | TAKEN;
        for (int at = home(wanted) & mask; slots[at] != ABSENT; at = at + 1 & mask) {
            long slot = slots[at];
            if (((slot ^ wanted) & HASH) == 0 && refersTo(slot, high, low)) {
                return slot;
            }
        }
        return ABSENT;
    }

    /** Adds the slot of a key that has none. */
    void add(long hash, long slot) {
        int segment = segment(hash);
        long[] slots = segments[segment];
        if (++taken[segment] * 8L > slots.length * 5L) {
            slots = grow(segment);
        }
        put(slots, slot);
    }

    /** Replaces a slot, which must be there, by another of the same key. */
    void replace(long hash, long slot, long by) {
        long[] slots = segments[segment(hash)];
        slots[indexOf(slots, slot)] = by;
    }

    /** Removes a slot if it is there. */
    void remove(long hash, long slot) {
        int segment = segment(hash);
        long[] slots = segments[segment];
        int gap = indexOf(slots, slot);
        if (slots[gap] == ABSENT) {
            return;
        }
        taken[segment]--;
        int mask = slots.length - 1;
        for (int at = gap + 1 & mask; slots[at] != ABSENT; at = at + 1 & mask) {
            int displaced = at - home(slots[at]) & mask;
            if (displaced >= (at - gap & mask)) {
                slots[gap] = slots[at];
                gap = at;
            }
        }
        slots[gap] = ABSENT;
    }

    void clear() {
        Arrays.fill(segments, NO_SLOTS);
        Arrays.fill(taken, 0);
    }

    /** Bytes that all slots take. */
    long bytes() {
        long slots = 0;
        for (long[] segment : segments) {
            slots += segment.length;
        }
        return slots * Long.BYTES;
    }

    private boolean refersTo(long slot, long high, long low) {
        int reference = (int) slot;
        return isPending(slot) ? pending.holds(reference, high, low) : recent.holds(reference, high, low);
    }

    private long[] grow(int segment) {
        long[] old = segments[segment];
        long[] slots = new long[Math.max(FEWEST_SLOTS, old.length * 2)];
        for (long slot : old) {
            if (slot != ABSENT) {
                put(slots, slot);
            }
        }
        segments[segment] = slots;
        return slots;
    }

    private static void put(long[] slots, long slot) {
        slots[indexOf(slots, slot)] = slot;
    }

    /** Where a slot is, or where it would be. */
    private static int indexOf(long[] slots, long slot) {
        int mask = slots.length - 1;
        int at = home(slot) & mask;
        while (slots[at] != slot && slots[at] != ABSENT) {
            at = at + 1 & mask;
        }
        return at;
    }

    private int segment(long hash) {
        return (int) hash & segments.length - 1;
    }

    private static int home(long slot) {
        return (int) (slot >>> HASH_SHIFT);
    }

    private static int ceilingPowerOfTwo(int value) {
        return value <= 1 ? 1 : Integer.highestOneBit(value - 1) << 1;
    }
}
