package io.tidegate.server.log;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.tidegate.server.config.LogFormat;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A line as text, by its pattern, or as one JSON object, and from one to the next the other when it is told so.
 *
 * <p>The object has {@code time} (UTC, ISO 8601), {@code level}, {@code logger} and {@code message}, then each key-value as a
 * field of its own, then {@code exception}, a stack trace, if there is one.
 *
 * <p><b>Threads:</b> any.
 */
public final class LineEncoder extends PatternLayoutEncoder {

    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private static final JsonFactory JSON = new JsonFactory();

    private final ThrowableProxyConverter stackTrace = new ThrowableProxyConverter();
    private volatile boolean isJson;

    /** By its word, as the configuration of logback has it; what is none means text, and is reported elsewhere. */
    public void setFormat(String word) {
        isJson = word.equalsIgnoreCase(LogFormat.JSON.text());
    }

    @Override
    public void start() {
        stackTrace.start();
        super.start();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return isJson ? (json(event) + '\n').getBytes(StandardCharsets.UTF_8) : super.encode(event);
    }

    /** Written as characters first: what is no Unicode becomes a question mark after that, where a stream of bytes would fail. */
    private String json(ILoggingEvent event) {
        StringWriter text = new StringWriter();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            to.writeStartObject();
            to.writeStringProperty("time", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
            to.writeStringProperty("level", event.getLevel().toString());
            to.writeStringProperty("logger", event.getLoggerName());
            to.writeStringProperty("message", event.getFormattedMessage());
            if (event.getKeyValuePairs() != null) {
                event.getKeyValuePairs().forEach(pair -> write(to, pair));
            }
            if (event.getThrowableProxy() != null) {
                to.writeStringProperty("exception", stackTrace.convert(event));
            }
            to.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator to, KeyValuePair pair) {
        if (pair.value instanceof Number number) {
            to.writeNumberProperty(pair.key, number.longValue());
        } else if (pair.value != null) {
            to.writeStringProperty(pair.key, String.valueOf(pair.value));
        }
    }
}
