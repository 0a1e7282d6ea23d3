package io.tidegate.server.upstream.pace;

import io.tidegate.time.Ticker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A line in the order of arrival, and the slots in which its first may go: so many a second, and a small burst after a time
 * in which nobody went.
 *
 * <p>The slots are one number, the moment up to which they are given away (the generic cell rate algorithm, ITU-T I.371). In
 * any time t, burst + rate · t go at most. Places are linked both ways, so that to come, to leave and to go cost the same
 * however many wait.
 *
 * <p><b>Threads:</b> one.
 */
final class Pacer<E> {

    private static final int BURSTS_PER_SECOND = 20;

    private final Ticker ticker;
    private final long slotNanos;
    private final long burstNanos;
    private final Place<E> ends = new Place<>(null);
    private long givenUntil;
    private int size;

    /** @param perSecond 1 to 1,000,000; the burst is the twentieth part, at least 1 */
    Pacer(int perSecond, Ticker ticker) {
        if (perSecond < 1 || perSecond > 1_000_000) {
            throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: 1 to 1000000)");
        }
        this.ticker = ticker;
        this.slotNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.burstNanos = (Math.max(1, perSecond / BURSTS_PER_SECOND) - 1) * slotNanos;
        this.givenUntil = ticker.nanos();
        ends.before = ends;
        ends.behind = ends;
    }

    /** How long a slot is, in nanoseconds: what goes may be spread over it. */
    long slotNanos() {
        return slotNanos;
    }

    /** Takes a place at the end. */
    Place<E> add(E entry) {
        Place<E> place = new Place<>(entry);
        place.before = ends.before;
        place.behind = ends;
        ends.before.behind = place;
        ends.before = place;
        size++;
        return place;
    }

    /** Gives up a place; nothing if that was done before. */
    void remove(Place<E> place) {
        if (place.behind != place) {
            place.before.behind = place.behind;
            place.behind.before = place.before;
            place.before = place;
            place.behind = place;
            size--;
        }
    }

    /** Who is first; {@code null} when nobody waits. */
    @Nullable
    Place<E> first() {
        return size == 0 ? null : ends.behind;
    }

    int size() {
        return size;
    }

    /** How long until the next slot, in nanoseconds; 0 when there is one now. */
    long untilSlotNanos() {
        return Math.max(0, givenUntil - burstNanos - ticker.nanos());
    }

    /** Takes a slot. */
    void takeSlot() {
        long now = ticker.nanos();
        givenUntil = (givenUntil - now > 0 ? givenUntil : now) + slotNanos;
    }

    /** A place in the line; linked to itself when it is given up. */
    static final class Place<E> {

        private final @Nullable E entry;
        private Place<E> before = this;
        private Place<E> behind = this;

        private Place(@Nullable E entry) {
            this.entry = entry;
        }

        E entry() {
            if (entry == null) {
                throw new IllegalStateException("place: the end of the line (expected: somebody's)");
            }
            return entry;
        }
    }
}
