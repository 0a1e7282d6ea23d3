package io.tidegate.queue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Why a message left a queue. */
public enum Departure {
    /** It reached its reader. */
    DELIVERED(false),
    /** It waited for longer than the TTL. */
    EXPIRED(false),
    /** It had been seen before, says whoever looks for duplicates in front of the queue. */
    DUPLICATE(false),
    /** There was no room for it, or it made room for another one. */
    OVERFLOW(true),
    /** It is larger by itself than the queue, or a budget, may ever hold. */
    TOO_LARGE(true),
    /** The queue had room, but a shared {@link ByteBudget} had none. */
    BUDGET(true),
    /** The reader cancelled for good. */
    CANCELLED(true),
    /** No way to deliver it was found in time. */
    UNDELIVERABLE(true),
    /** It was a request, and its reply did not come in time. */
    UNANSWERED(true),
    /** The attempt to deliver it failed, and it may not be sent again. */
    NOT_REPLAYED(true),
    /** The queue was closed. */
    CLOSED(true);

    /** Those that are drops: all but delivered, expired and duplicate. */
    public static final List<Departure> DROPS =
            Arrays.stream(values()).filter(Departure::isDrop).toList();

    private final boolean drop;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Departure(boolean drop) {
        this.drop = drop;
    }

    /** Whether the accounts list it under {@code dropped}. */
    public boolean isDrop() {
        return drop;
    }

    /** As metrics and JSON name it, such as {@code too-large}. */
    public String label() {
        return label;
    }
}
