package io.tidegate.dedup;

/**
 * Is told what became of messages, by the thread that they are on. It must not block; what it throws is logged and changes
 * nothing.
 */
public interface DedupListener {

    /** Listens to nothing. */
    DedupListener NONE = new DedupListener() {};

    /** A message with a new key was taken on. */
    default void onFirst() {}

    /**
     * A message was dropped as a duplicate.
     *
     * @param bytes its payload
     */
    default void onDuplicate(int bytes) {}

    /** A message without a key passed. */
    default void onUnkeyed(DedupKey.Unkeyed cause) {}

    /** A message passed without being remembered, as the window was full of keys under way. */
    default void onFull() {}

    /** A message that had been taken on was not delivered: its key is unknown again. */
    default void onReleased() {}
}
