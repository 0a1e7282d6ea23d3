package io.tidegate.server.leg;

import io.tidegate.frame.MessageSizes;

/**
 * Hears how large the messages are that a leg receives, and how long those took that were written to it.
 *
 * <p><b>Threads:</b> the leg's event loop; must neither block nor throw.
 */
public interface LegMeter extends MessageSizes {

    /** Measures nothing, and costs nothing: the leg looks at no clock. */
    LegMeter NONE = new LegMeter() {
        @Override
        public void onMessages(long payloadBytes, int messages) {}

        @Override
        public void onFlushed(long nanos, int messages) {}
    };

    /**
     * Messages are in the leg's socket.
     *
     * @param nanos since they were read from another leg
     * @param messages how many; at least 1
     */
    void onFlushed(long nanos, int messages);
}
