package io.tidegate.server.session;

import io.tidegate.frame.FrameBatch;

/** Where a {@link Relay} takes what it receives. */
interface Sink {

    /**
     * Takes a batch, and owns it.
     *
     * @param readNanos when the leg that it came from read it
     */
    void accept(FrameBatch batch, long readNanos);

    /** Whether the next batch may be asked for: it is taken, or there is nobody left to keep it for. */
    boolean takesMore();
}
