package io.tidegate.breaker;

/**
 * Told what a breaker does.
 *
 * <p><b>Threads:</b> called synchronously by whoever caused the event (a caller, or the breaker's scheduler), possibly by
 * several at once; must not block. What it throws is logged and changes nothing.
 */
public interface BreakerListener {

    /** Listens to nothing. */
    BreakerListener NONE = new BreakerListener() {};

    /**
     * The breaker went from one state to another; called exactly once for each time.
     *
     * @param generation of the new state; when the breaker moves twice in no time two calls may overtake each other, and
     *     the greater one is the newer
     */
    default void onTransition(BreakerState from, BreakerState to, long generation) {}

    /** A call was not let in. */
    default void onRejected() {}

    /**
     * A call ended after the breaker had left the generation that let it in; its result counted for nothing.
     *
     * @param generation that let the call in
     */
    default void onLateResult(boolean success, long generation) {}
}
