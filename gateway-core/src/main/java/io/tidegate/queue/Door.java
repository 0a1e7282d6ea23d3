package io.tidegate.queue;

import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where messages come into a queue and leave it: what the ledger, the listener and the disposal learn of it. The ledger comes
 * first; a listener or a disposal that throws changes nothing.
 */
final class Door<T> {

    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private final Ledger ledger;
    private final QueueListener listener;
    private final BiConsumer<? super T, Departure> disposal;

    Door(Ledger ledger, QueueListener listener, BiConsumer<? super T, Departure> disposal) {
        this.ledger = ledger;
        this.listener = listener;
        this.disposal = disposal;
    }

    Ledger ledger() {
        return ledger;
    }

    void letIn(long bytes) {
        ledger.queued();
        tellAccepted(bytes);
    }

    void turnAway(long bytes, Departure why) {
        ledger.turnedAway(why);
        tellAccepted(bytes);
        tellLeft(why, bytes, 0, 0);
    }

    void letPass(int count, long bytes) {
        ledger.passed(count);
        try {
            listener.onPassed(count, bytes);
        } catch (RuntimeException e) {
            LOG.warn("The listener of a queue failed", e);
        }
    }

    void letOut(boolean wasTaken, Departure why, long bytes, long waitedNanos, int attempts) {
        ledger.left(wasTaken, why);
        tellLeft(why, bytes, waitedNanos, attempts);
    }

    void dispose(T message, Departure why) {
        try {
            disposal.accept(message, why);
        } catch (RuntimeException e) {
            LOG.warn("A message could not be disposed of", e);
        }
    }

    private void tellAccepted(long bytes) {
        try {
            listener.onAccepted(bytes);
        } catch (RuntimeException e) {
            LOG.warn("The listener of a queue failed", e);
        }
    }

    private void tellLeft(Departure why, long bytes, long waitedNanos, int attempts) {
        try {
            listener.onLeft(why, bytes, waitedNanos, attempts);
        } catch (RuntimeException e) {
            LOG.warn("The listener of a queue failed", e);
        }
    }
}
