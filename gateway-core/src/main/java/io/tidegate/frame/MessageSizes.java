package io.tidegate.frame;

/**
 * Hears how large the messages of a stream are.
 *
 * <p><b>Threads:</b> called by whoever scans, synchronously; must neither block nor throw.
 */
@FunctionalInterface
public interface MessageSizes {

    /** Doesn't care. */
    MessageSizes NONE = (payloadBytes, messages) -> {};

    /**
     * Messages of one size ended, one after another. Told once for all of them, as those that are read together are often of
     * one size.
     *
     * @param payloadBytes payload of each, as on the wire, of all its frames
     * @param messages how many; at least 1
     */
    void onMessages(long payloadBytes, int messages);
}
