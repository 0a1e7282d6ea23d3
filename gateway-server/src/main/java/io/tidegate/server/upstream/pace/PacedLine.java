package io.tidegate.server.upstream.pace;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.upstream.pace.Pacer.Place;
import io.tidegate.time.Ticker;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets those who wait go in the order in which they came, so many a second, and only while the first of them finds that it
 * may.
 *
 * <p><b>Threads:</b> {@link #enter}, {@link #leave} and {@link #wake} any; the line itself belongs to one event loop, on
 * which entries are asked. Nothing blocks, and there is one timer however many wait.
 */
public final class PacedLine {

    private static final Logger log = LoggerFactory.getLogger(PacedLine.class);

    /** Whoever should have said that things are better may have been cut short: look again after this, without being told. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final EventLoop home;
    private final Pacer<Entry> pacer;
    private final Map<Entry, Place<Entry>> places = new HashMap<>();

    /** Entries that came and did not go or leave yet, those under way to the line included. */
    private final AtomicInteger waiting = new AtomicInteger();

    private @Nullable ScheduledFuture<?> timer;

    /** Who waits. */
    public interface Entry {

        /**
         * It is the entry's turn. Called on the line's event loop, again and again while it is held.
         *
         * @param spreadNanos what it does now it should do in this time, from 0 to the length of a slot, so that what
         *     happens at the same time at many gateways doesn't stay that way
         */
        Turn turn(long spreadNanos);
    }

    /** What an entry makes of its turn. */
    public enum Turn {
        /** It goes, and takes a slot. */
        TAKEN,
        /** It has nothing to do any more, and needs no slot. */
        GONE,
        /** Not now: it stays the first, and nobody goes before {@link PacedLine#wake()}. */
        HELD
    }

    /**
     * @param home whose thread keeps the line
     * @param perSecond how many go in a second
     */
    public PacedLine(EventLoop home, int perSecond) {
        this.home = home;
        this.pacer = new Pacer<>(perSecond, Ticker.system());
    }

    /** Takes a place at the end; one that has a place keeps it. */
    public void enter(Entry entry) {
        waiting.incrementAndGet();
        execute(() -> {
            if (places.containsKey(entry)) {
                waiting.decrementAndGet();
            } else {
                places.put(entry, pacer.add(entry));
                if (pacer.size() == 1) {
                    proceed();
                }
            }
        });
    }

    /** Gives up a place. */
    public void leave(Entry entry) {
        execute(() -> {
            Place<Entry> place = places.get(entry);
            boolean first = place != null && place == pacer.first();
            remove(entry);
            if (first) {
                proceed();
            }
        });
    }

    /** Something has changed: asks the first again if it was held. */
    public void wake() {
        if (waiting.get() > 0) {
            execute(this::proceed);
        }
    }

    /** How many wait. */
    public int size() {
        return waiting.get();
    }

    private void proceed() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        for (Place<Entry> first = pacer.first(); first != null; first = pacer.first()) {
            long wait = pacer.untilSlotNanos();
            Turn turn = wait > 0 ? Turn.HELD : turn(first.entry());
            if (turn == Turn.HELD) {
                timer = home.schedule(this::proceed, wait > 0 ? wait : LOOK_AGAIN_NANOS, TimeUnit.NANOSECONDS);
                return;
            }
            remove(first.entry());
            if (turn == Turn.TAKEN) {
                pacer.takeSlot();
            }
        }
    }

    private Turn turn(Entry entry) {
        try {
            return entry.turn(ThreadLocalRandom.current().nextLong(pacer.slotNanos()));
        } catch (Throwable e) {
            // An Error, too: whatever one entry meets, it must not keep the others in the line for ever.
            log.error("an entry that waited for its turn failed", e);
            return Turn.GONE;
        }
    }

    private void remove(Entry entry) {
        Place<Entry> place = places.remove(entry);
        if (place != null) {
            pacer.remove(place);
            waiting.decrementAndGet();
        }
    }

    private void execute(Runnable task) {
        try {
            home.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("the event loops have ended, and with them whoever waits");
        }
    }
}
