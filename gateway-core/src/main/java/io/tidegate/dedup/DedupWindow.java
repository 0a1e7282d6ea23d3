package io.tidegate.dedup;

import io.tidegate.time.Ticker;

/**
 * Remembers keys of messages for a while, in two phases, so that a message that could not be delivered isn't taken for a
 * duplicate when it comes again.
 *
 * <pre>
 *              reserve                 commit               window over, forgotten, or pushed out
 *   unknown ─────────────▶ under way ──────────▶ remembered ──────────────────────────────────────▶ unknown
 *                              └── release ──▶ unknown
 * </pre>
 *
 * <p>A key is 128 bits, given in two halves, and made by whoever calls: any bits will do, equal ones are one key.
 *
 * <p><b>Time:</b> a key is remembered until {@link DedupConfig#window()} has passed since its commit; to the nanosecond, as
 * each look-up judges what it finds. One under way doesn't grow old: it ends by {@link #commit} or {@link #release} only.
 * <b>Count:</b> at most {@link DedupConfig#maxEntries()} keys are held, those under way included. A new one that finds no room
 * pushes out the one whose commit is the longest ago; if all are under way it is refused ({@link #FULL}).
 *
 * <p><b>Cost:</b> O(1) amortised, expiry included, without allocation once grown; nothing scans or copies the whole. See the
 * package for figures.
 */
public interface DedupWindow {

    /** What {@link #reserve} returns for a key that is remembered. */
    long DUPLICATE = 0;

    /** What {@link #reserve} returns for a key that is under way: another message with it was taken on and hasn't ended. */
    long PENDING = -1;

    /** What {@link #reserve} returns when all the keys that may be held are under way. */
    long FULL = -2;

    /**
     * Takes a key on, unless it is known.
     *
     * @return a ticket, which is positive, to be given to {@link #commit} or {@link #release} once; or {@link #DUPLICATE},
     *     {@link #PENDING} or {@link #FULL}
     */
    long reserve(long high, long low);

    /**
     * Remembers the key of a ticket from now on.
     *
     * @return whether the ticket was good; one that was used already, or comes from elsewhere, changes nothing. (Tickets are
     *     numbered anew after 2^33 reservations.)
     */
    boolean commit(long ticket);

    /**
     * Forgets the key of a ticket, so that the next message with it is a first one again.
     *
     * @return as {@link #commit}
     */
    boolean release(long ticket);

    /**
     * Forgets a remembered key; its room stays taken until its turn has come. One under way is left alone.
     *
     * @return whether it was remembered
     */
    boolean forget(long high, long low);

    /** Forgets all keys; tickets given out so far are void. */
    void clear();

    /** How many keys are under way. */
    int pending();

    /** How many keys are held besides; some of them may be over, or forgotten, and not cleared away yet. */
    int remembered();

    /** A window for one thread at a time: nothing in it is synchronised. */
    static DedupWindow create(DedupConfig config, Ticker ticker) {
        return new LocalWindow(config.window().toNanos(), config.maxEntries(), ticker);
    }

    /** {@link #create(DedupConfig, Ticker)} by the machine's time. */
    static DedupWindow create(DedupConfig config) {
        return create(config, Ticker.system());
    }

    /** A window for any number of threads; see {@link StripedWindow} for what that means for them and for the count. */
    static DedupWindow shared(DedupConfig config, Ticker ticker) {
        return new StripedWindow(config, ticker);
    }

    /** {@link #shared(DedupConfig, Ticker)} by the machine's time. */
    static DedupWindow shared(DedupConfig config) {
        return shared(config, Ticker.system());
    }
}
