package io.tidegate.server.config;

/**
 * What one message may be.
 *
 * @param message the most bytes of payload in a message; 0 for no limit
 * @param frame the most bytes of payload in a frame; 0 for no limit
 */
public record LimitsConfig(long message, long frame) {

    public LimitsConfig {
        ConfigKeys.MESSAGE_LIMIT.check(message);
        ConfigKeys.FRAME_LIMIT.check(frame);
    }
}
