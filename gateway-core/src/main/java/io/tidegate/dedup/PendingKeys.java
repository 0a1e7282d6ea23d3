package io.tidegate.dedup;

import java.util.Arrays;

/**
 * Keys under way. Each has a place; its ticket names the place, and a stamp that no earlier key there had.
 *
 * <p>24 bytes per place. There are as many places as keys were under way at once; they double when they run out, which copies
 * those keys.
 */
final class PendingKeys {

    static final int PLACE_BITS = 24;
    /** How many keys can be under way. */
    static final int MOST = 1 << PLACE_BITS;
    /** How many bits of a ticket are used, so that a striped window can add some of its own. */
    static final int TICKET_BITS = 57;

    private static final long LAST_STAMP = (1L << (TICKET_BITS - PLACE_BITS)) - 1;
    private static final int FIELDS = 3;
    private static final int NONE = -1;

    /** High half, low half, and stamp of each place; a free place has, in place of a stamp, the next free one's {@link #link}. */
    private long[] places = {};

    private int count;
    private int used;
    private int firstFree = NONE;
    private long lastStamp;

    int count() {
        return count;
    }

    /** Puts a key into a free place, and returns the place. */
    int add(long high, long low) {
        int place = firstFree;
        if (place == NONE) {
            place = used++;
            if (used * FIELDS > places.length) {
                places = Arrays.copyOf(places, Math.max(FIELDS, places.length * 2));
            }
        } else {
            firstFree = link(places[place * FIELDS + 2]);
        }
        lastStamp = lastStamp == LAST_STAMP ? 1 : lastStamp + 1;
        int at = place * FIELDS;
        places[at] = high;
        places[at + 1] = low;
        places[at + 2] = lastStamp;
        count++;
        return place;
    }

    long ticket(int place) {
        return places[place * FIELDS + 2] << PLACE_BITS | place;
    }

    /** The place that a ticket names, or -1 if its key is not there any more. */
    int place(long ticket) {
        int place = (int) ticket & MOST - 1;
        return ticket > 0 && place < used && places[place * FIELDS + 2] == ticket >>> PLACE_BITS ? place : NONE;
    }

    void remove(int place) {
        places[place * FIELDS + 2] = link(firstFree);
        firstFree = place;
        count--;
    }

    void clear() {
        places = new long[0];
        count = 0;
        used = 0;
        firstFree = NONE;
    }

    boolean holds(int place, long high, long low) {
        return high(place) == high && low(place) == low;
    }

    long high(int place) {
        return places[place * FIELDS];
    }

    long low(int place) {
        return places[place * FIELDS + 1];
    }

    /** Bytes that the places take. */
    long bytes() {
        return (long) places.length * Long.BYTES;
    }

    /** Turns a free place into what can't be a stamp: 0 for none, or a negative number. And back. */
    private static int link(long placeOrLink) {
        return (int) (-1 - placeOrLink);
    }
}
