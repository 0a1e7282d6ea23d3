package io.tidegate.server.log;

import io.tidegate.server.log.LineRate.KeptBack;
import io.tidegate.time.Ticker;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.slf4j.spi.NOPLoggingEventBuilder;

/**
 * One gateway's lines about sessions and handshakes: at most {@value #PER_SECOND} of each {@link Kind} a second, and one that says
 * how many there would have been, a second after the first that was kept back.
 *
 * <p><b>Threads:</b> any; lock-free.
 */
public final class Lines {

    /** Lines of one kind a second. */
    public static final int PER_SECOND = 10;

    private static final Logger log = LoggerFactory.getLogger(Lines.class);

    /** What comes here is wanted to the last line, by whoever turned it on. */
    private static final Logger access = LoggerFactory.getLogger("tidegate.access");

    private final Map<Kind, LineRate> rates = new EnumMap<>(Kind.class);
    private final ScheduledExecutorService later;
    private final boolean isAccessLogged;

    /**
     * @param later runs what is to be said later, if anything is; what it rejects is said by {@link #flush()}
     * @param isAccessLogged whether there is an access log
     */
    public Lines(Ticker ticker, ScheduledExecutorService later, boolean isAccessLogged) {
        for (Kind kind : Kind.values()) {
            rates.put(kind, new LineRate(PER_SECOND, ticker));
        }
        this.later = later;
        this.isAccessLogged = isAccessLogged;
    }

    /** A line of that kind; nothing becomes of it when {@code to} doesn't take its level, or there are too many of them. */
    public LoggingEventBuilder of(Kind kind, Logger to) {
        if (!to.isEnabledForLevel(kind.level())) {
            return NOPLoggingEventBuilder.singleton();
        }
        return switch (rate(kind).next()) {
            case WRITE -> to.atLevel(kind.level());
            case KEEP_BACK -> NOPLoggingEventBuilder.singleton();
            case KEEP_BACK_AND_SAY_SO -> {
                saySoLater(kind);
                yield NOPLoggingEventBuilder.singleton();
            }
        };
    }

    /** A line of the access log; nothing becomes of it when there is none. */
    public LoggingEventBuilder access() {
        return isAccessLogged ? access.atInfo() : NOPLoggingEventBuilder.singleton();
    }

    /** Says what was kept back and not told of yet. */
    public void flush() {
        rates.keySet().forEach(this::say);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it is said then, or at the end
    private void saySoLater(Kind kind) {
        try {
            later.schedule(() -> say(kind), 1, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            // The gateway ends, and says so when it has.
        }
    }

    private void say(Kind kind) {
        KeptBack keptBack = rate(kind).keptBack();
        if (keptBack.lines() > 0) {
            log.atLevel(kind.level())
                    .addKeyValue("kind", kind.text())
                    .addKeyValue("keptBack", keptBack.lines())
                    .log("{}: {}", kind.text(), keptBack);
        }
    }

    private LineRate rate(Kind kind) {
        LineRate rate = rates.get(kind);
        if (rate == null) {
            throw new IllegalStateException(kind + " has no rate");
        }
        return rate;
    }
}
