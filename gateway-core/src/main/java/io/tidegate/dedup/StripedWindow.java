package io.tidegate.dedup;

import io.tidegate.time.Ticker;

/**
 * The window that threads share: up to 64 windows, each behind a monitor, and each key in one of them.
 *
 * <p><b>Threads:</b> any. Two that want the same stripe at the same time take turns; each holds it for about a
 * hundred nanoseconds, some tens of microseconds when some thousand keys move to a larger segment, and runs none but this
 * package's code and the ticker's meanwhile. It is a monitor, not a spinning compare-and-set, on purpose: HotSpot spins for so short a time
 * too, but when the holder was descheduled it waits without burning the processor that the holder needs. With {@code n}
 * threads that each spend a share {@code s} of their time here, one meets another with a chance of about {@code (n - 1) s / 64}.
 *
 * <p><b>Count:</b> each stripe holds its share of the keys. As hashes spread keys evenly, that comes to the same but for a few
 * per cent: a stripe of 1,000 keys pushes its oldest out when the whole has taken on between 90 and 110 per cent of
 * {@code maxEntries} newer ones. Windows of less than 2,048 keys have one stripe, and are exact.
 */
final class StripedWindow implements DedupWindow {

    private static final int STRIPE_BITS = 6;
    private static final int MOST_STRIPES = 1 << STRIPE_BITS;
    private static final int STRIPE_KEYS = 1024;

    /** Which bits of the hash choose the stripe: none that the index of a stripe uses. */
    private static final int HASH_SHIFT = 24;

    private final LocalWindow[] stripes;

    StripedWindow(DedupConfig config, Ticker ticker) {
        int share = Math.min(MOST_STRIPES, config.maxEntries() / STRIPE_KEYS);
        int count = Integer.highestOneBit(Math.max(1, share));
        this.stripes = new LocalWindow[count];
        for (int i = 0; i < count; i++) {
            int entries = config.maxEntries() / count + (i < config.maxEntries() % count ? 1 : 0);
            stripes[i] = new LocalWindow(config.window().toNanos(), entries, ticker);
        }
    }

    @Override
    public long reserve(long high, long low) {
        int stripe = stripe(high, low);
        LocalWindow window = stripes[stripe];
        long result;
        synchronized (window) {
            result = window.reserve(high, low);
        }
        return result > 0 ? result << STRIPE_BITS | stripe : result;
    }

    @Override
    public boolean commit(long ticket) {
        LocalWindow window = stripes[stripe(ticket)];
        synchronized (window) {
            return window.commit(ticket >> STRIPE_BITS);
        }
    }

    @Override
    public boolean release(long ticket) {
        LocalWindow window = stripes[stripe(ticket)];
        synchronized (window) {
            return window.release(ticket >> STRIPE_BITS);
        }
    }

    @Override
    public boolean forget(long high, long low) {
        LocalWindow window = stripes[stripe(high, low)];
        synchronized (window) {
            return window.forget(high, low);
        }
    }

    @Override
    public void clear() {
        for (LocalWindow window : stripes) {
            synchronized (window) {
                window.clear();
            }
        }
    }

    @Override
    public int pending() {
        int sum = 0;
        for (LocalWindow window : stripes) {
            synchronized (window) {
                sum += window.pending();
            }
        }
        return sum;
    }

    @Override
    public int remembered() {
        int sum = 0;
        for (LocalWindow window : stripes) {
            synchronized (window) {
                sum += window.remembered();
            }
        }
        return sum;
    }

    private int stripe(long high, long low) {
        return (int) (KeyIndex.hash(high, low) >>> HASH_SHIFT) & stripes.length - 1;
    }

    private int stripe(long ticket) {
        return (int) ticket & stripes.length - 1;
    }
}
