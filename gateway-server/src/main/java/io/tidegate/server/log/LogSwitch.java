package io.tidegate.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.OutputStreamAppender;
import io.tidegate.server.config.LogConfig;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Has this process log as its configuration says. Until then, the variables of the same keys hold.
 *
 * <p>A configuration of logback that is somebody's own, and doesn't use {@link LineEncoder}, stays as it is.
 */
public final class LogSwitch {

    /** The loggers whose level it is; libraries only warn, whatever is said. */
    private static final List<String> OWN = List.of("tidegate", "io.tidegate");

    private LogSwitch() {}

    /** From the next line on. */
    public static void turn(LogConfig config) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.iteratorForAppenders().forEachRemaining(appender -> {
            if (appender instanceof OutputStreamAppender<?> stream
                    && stream.getEncoder() instanceof LineEncoder encoder) {
                encoder.setFormat(config.format().text());
                OWN.forEach(name -> context.getLogger(name)
                        .setLevel(Level.toLevel(config.level().text())));
            }
        });
    }
}
