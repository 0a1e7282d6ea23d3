package io.tidegate.server.config;

/**
 * The log, which goes to stderr.
 *
 * @param format what a line looks like
 * @param level how much it says
 * @param access whether each session has a line when it ends, and each refused handshake one
 */
public record LogConfig(LogFormat format, LogLevel level, boolean access) {

    /** Text, at info, without an access log. */
    public static final LogConfig DEFAULTS = new LogConfig(LogFormat.TEXT, LogLevel.INFO, false);

    public LogConfig {
        ConfigKeys.LOG_FORMAT.check(format);
        ConfigKeys.LOG_LEVEL.check(level);
        ConfigKeys.LOG_ACCESS.check(access);
    }
}
