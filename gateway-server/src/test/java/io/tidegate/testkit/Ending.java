package io.tidegate.testkit;

import org.jspecify.annotations.Nullable;

/**
 * How the other side ended a connection.
 *
 * @param how what TCP said
 * @param close the last Close frame received before, null without one
 * @param insideFrame whether the stream stopped inside of a frame (or inside of the HTTP head)
 * @param detail the words of the socket, for messages
 */
public record Ending(How how, @Nullable Frame close, boolean insideFrame, String detail) {

    /** What TCP said. */
    public enum How {
        /** The other side sent FIN. */
        FIN,
        /** The other side sent RST. */
        RESET,
        /** This side closed the socket first. */
        LOCAL,
        /** What arrived can't be read as HTTP or frames. */
        UNREADABLE
    }

    @Override
    public String toString() {
        return how
                + (insideFrame ? " inside of a frame" : "")
                + (close == null ? " without a Close" : " after " + close)
                + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
