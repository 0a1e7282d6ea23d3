package io.tidegate.queue;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongBinaryOperator;

/**
 * Where all messages of a queue, or of several, have gone: {@code accepted = delivered + queued + unconfirmed + expired +
 * duplicate + dropped}.
 *
 * @param accepted messages that became the queue's business, be it only to be dropped
 * @param delivered those that reached their reader
 * @param queued those that wait
 * @param unconfirmed those that are taken and neither confirmed nor requeued yet
 * @param expired those that waited for too long
 * @param duplicate those that were known already
 * @param dropped all others, by {@linkplain Departure#DROPS reason}; a reason that is not there stands for none
 */
public record Accounting(
        long accepted,
        long delivered,
        long queued,
        long unconfirmed,
        long expired,
        long duplicate,
        Map<Departure, Long> dropped) {

    /** No messages at all. */
    public static final Accounting NOTHING = new Accounting(0, 0, 0, 0, 0, 0, Map.of());

    /** Copies the map; what was never dropped for a reason is left out. */
    public Accounting {
        Map<Departure, Long> copy = new EnumMap<>(Departure.class);
        dropped.forEach((reason, count) -> {
            if (!reason.isDrop()) {
                throw new IllegalArgumentException(
                        "dropped: " + reason + " (expected: one of " + Departure.DROPS + ')');
            }
            if (count != 0) {
                copy.put(reason, count);
            }
        });
        dropped = Collections.unmodifiableMap(copy);
    }

    /** How many were dropped for this reason. */
    public long dropped(Departure reason) {
        return dropped.getOrDefault(reason, 0L);
    }

    /** How many were dropped in all. */
    public long allDropped() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether every accepted message is somewhere, and only there. */
    public boolean balanced() {
        return accepted == delivered + queued + unconfirmed + expired + duplicate + allDropped();
    }

    /** Both together. */
    public Accounting plus(Accounting other) {
        return combine(other, Long::sum);
    }

    /** What came to pass since {@code earlier}; {@code queued} and {@code unconfirmed} are by how many more there are. */
    public Accounting minus(Accounting earlier) {
        return combine(earlier, (a, b) -> a - b);
    }

    private Accounting combine(Accounting other, LongBinaryOperator by) {
        Map<Departure, Long> drops = new EnumMap<>(Departure.class);
        for (Departure reason : Departure.DROPS) {
            drops.put(reason, by.applyAsLong(dropped(reason), other.dropped(reason)));
        }
        return new Accounting(
                by.applyAsLong(accepted, other.accepted),
                by.applyAsLong(delivered, other.delivered),
                by.applyAsLong(queued, other.queued),
                by.applyAsLong(unconfirmed, other.unconfirmed),
                by.applyAsLong(expired, other.expired),
                by.applyAsLong(duplicate, other.duplicate),
                drops);
    }
}
