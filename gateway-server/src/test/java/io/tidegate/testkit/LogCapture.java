package io.tidegate.testkit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * All log lines from {@link #start} to {@link #close}, of the whole process or of one part of it.
 *
 * <pre>{@code
 * try (LogCapture log = LogCapture.start("io.tidegate")) {
 *   …
 *   log.awaitLine(line -> line.getLevel() == Level.WARN);
 *   assertThat(log.atLeast(Level.WARN)).hasSize(1);
 * }
 * }</pre>
 */
public final class LogCapture implements AutoCloseable {
    private final Logger logger;
    private final @Nullable Level before;
    private final Tap tap = new Tap();

    private LogCapture(Logger logger) {
        this.logger = logger;
        this.before = logger.getLevel();
    }

    /** Captures every logger. */
    public static LogCapture start() {
        return start(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** Captures the loggers of this name and below. */
    public static LogCapture start(String name) {
        LogCapture capture = new LogCapture((Logger) LoggerFactory.getLogger(name));
        capture.tap.setContext(capture.logger.getLoggerContext());
        capture.tap.start();
        capture.logger.addAppender(capture.tap);
        return capture;
    }

    /** Captures the loggers of this name and below, which log at {@code level} and above as long as that lasts. */
    public static LogCapture start(String name, Level level) {
        LogCapture capture = start(name);
        capture.logger.setLevel(level);
        return capture;
    }

    public List<ILoggingEvent> lines() {
        synchronized (tap.lines) {
            return List.copyOf(tap.lines);
        }
    }

    /** Lines of this level or a more serious one. */
    public List<ILoggingEvent> atLeast(Level level) {
        return lines().stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(level))
                .toList();
    }

    /** The first line that {@code wanted} holds for, also one that was there before the call. */
    public ILoggingEvent awaitLine(Predicate<ILoggingEvent> wanted) {
        return Daemons.await(
                tap.lines,
                "a log line",
                Peer.PATIENCE,
                () -> tap.lines.stream().filter(wanted).findFirst().orElse(null),
                this::toString);
    }

    /** The one line of this level or a more serious one, there already or to come; fails when there are several. */
    public ILoggingEvent awaitOnly(Level level) {
        awaitLine(line -> line.getLevel().isGreaterOrEqual(level));
        List<ILoggingEvent> found = atLeast(level);
        if (found.size() != 1) {
            throw new AssertionError("expected: one line at " + level + " or above\nbut were: " + this);
        }
        return found.get(0);
    }

    @Override
    public void close() {
        logger.setLevel(before);
        logger.detachAppender(tap);
        tap.stop();
    }

    @Override
    public String toString() {
        return lines().stream()
                .map(line -> line.getLevel() + " " + line.getLoggerName() + ": " + line.getFormattedMessage())
                .collect(Collectors.joining("\n", "[", "]"));
    }

    private static final class Tap extends AppenderBase<ILoggingEvent> {
        final List<ILoggingEvent> lines = new ArrayList<>();

        @Override
        protected void append(ILoggingEvent line) {
            line.prepareForDeferredProcessing();
            synchronized (lines) {
                lines.add(line);
                lines.notifyAll();
            }
        }
    }
}
