package io.tidegate.dedup;

import io.tidegate.time.Ticker;

/** The window of one thread. */
final class LocalWindow implements DedupWindow {

    /** Keys that one look-up clears away at most when they are over: more than it can add, so they don't pile up. */
    private static final int CLEARED_AT_ONCE = 2;

    private final long windowNanos;
    private final int maxEntries;
    private final Ticker ticker;
    private final RecentKeys recent;
    private final PendingKeys pending = new PendingKeys();
    private final KeyIndex index;

    LocalWindow(long windowNanos, int maxEntries, Ticker ticker) {
        this.windowNanos = windowNanos;
        this.maxEntries = maxEntries;
        this.ticker = ticker;
        this.recent = new RecentKeys(maxEntries);
        this.index = new KeyIndex(recent, pending, maxEntries);
    }

    @Override
    public long reserve(long high, long low) {
        long now = ticker.nanos();
        for (int i = 0; i < CLEARED_AT_ONCE && recent.count() > 0 && isOver(recent.oldest(), now); i++) {
            dropOldest();
        }
        long hash = KeyIndex.hash(high, low);
        long slot = index.find(hash, high, low);
        if (slot != KeyIndex.ABSENT) {
            if (KeyIndex.isPending(slot)) {
                return PENDING;
            }
            if (!isOver(recent.number((int) slot), now)) {
                return DUPLICATE;
            }
            index.remove(hash, slot);
        }
        if (recent.count() + pending.count() == maxEntries) {
            if (recent.count() == 0) {
                return FULL;
            }
            dropOldest();
        }
        int place = pending.add(high, low);
        index.add(hash, KeyIndex.pendingSlot(hash, place));
        return pending.ticket(place);
    }

    @Override
    public boolean commit(long ticket) {
        int place = pending.place(ticket);
        if (place < 0) {
            return false;
        }
        long high = pending.high(place);
        long low = pending.low(place);
        pending.remove(place);
        long hash = KeyIndex.hash(high, low);
        long number = recent.add(high, low, ticker.nanos());
        index.replace(hash, KeyIndex.pendingSlot(hash, place), KeyIndex.recentSlot(hash, number));
        return true;
    }

    @Override
    public boolean release(long ticket) {
        int place = pending.place(ticket);
        if (place < 0) {
            return false;
        }
        long hash = KeyIndex.hash(pending.high(place), pending.low(place));
        pending.remove(place);
        index.remove(hash, KeyIndex.pendingSlot(hash, place));
        return true;
    }

    @Override
    public boolean forget(long high, long low) {
        long hash = KeyIndex.hash(high, low);
        long slot = index.find(hash, high, low);
        if (slot == KeyIndex.ABSENT || KeyIndex.isPending(slot)) {
            return false;
        }
        index.remove(hash, slot);
        return !isOver(recent.number((int) slot), ticker.nanos());
    }

    @Override
    public void clear() {
        recent.clear();
        pending.clear();
        index.clear();
    }

    @Override
    public int pending() {
        return pending.count();
    }

    @Override
    public int remembered() {
        return recent.count();
    }

    private boolean isOver(long number, long now) {
        return now - recent.nanos(number) >= windowNanos;
    }

    /** Drops the oldest key, whose slot is gone already if it was forgotten or came anew. */
    private void dropOldest() {
        long number = recent.oldest();
        long hash = KeyIndex.hash(recent.high(number), recent.low(number));
        index.remove(hash, KeyIndex.recentSlot(hash, number));
        recent.dropOldest();
    }

    /** Bytes of all arrays, their headers aside. */
    long bytes() {
        return recent.bytes() + pending.bytes() + index.bytes();
    }
}
