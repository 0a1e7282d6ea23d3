package io.tidegate.frame;

/**
 * The largest frame and the largest message let through, both judged from frame headers, before the payload arrives.
 *
 * @param frameBytes payload of one frame, in bytes; 0 = no limit
 * @param messageBytes payload of all frames of one message, in bytes, as on the wire (before any inflation); 0 = no limit
 */
public record FrameLimits(long frameBytes, long messageBytes) {

    /** Lets everything through. */
    public static final FrameLimits NONE = new FrameLimits(0, 0);

    public FrameLimits {
        requireNotNegative("frameBytes", frameBytes);
        requireNotNegative("messageBytes", messageBytes);
    }

    private static void requireNotNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
        }
    }
}
