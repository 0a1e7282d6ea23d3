package io.tidegate.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lines as a gateway writes them: the encoder is the one of its own {@code logback.xml}. */
class LineEncoderTest {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final LoggerContext context = new LoggerContext();
    private @Nullable LineEncoder encoder;

    @BeforeEach
    void configure() throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LineEncoder.class.getResource("/logback.xml"));
        ConsoleAppender<?> appender =
                (ConsoleAppender<?>) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDERR");
        encoder = (LineEncoder) appender.getEncoder();
    }

    private LineEncoder encoder() {
        return Objects.requireNonNull(encoder);
    }

    private LoggingEvent event(String message, @Nullable Throwable failure, Object... values) {
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("io.tidegate.server.Test"), Level.WARN, message, failure, new Object[0]);
        event.setInstant(Instant.parse("2026-03-01T11:02:03.4Z"));
        event.setKeyValuePairs(new ArrayList<>());
        for (int i = 0; i < values.length; i += 2) {
            event.addKeyValuePair(new KeyValuePair((String) values[i], values[i + 1]));
        }
        return event;
    }

    private JsonNode json(LoggingEvent event) {
        encoder().setFormat("json");
        String line = new String(encoder().encode(event), UTF_8);
        assertThat(line).endsWith("\n");
        assertThat(line.strip()).doesNotContain("\n", "\r");
        return MAPPER.readTree(line);
    }

    private String text(LoggingEvent event) {
        return new String(encoder().encode(event), UTF_8);
    }

    @Test
    void aJsonLineHasEachKeyValueAsAFieldOfItsOwn() {
        JsonNode line = json(event("session 7: lost", null, "session", 7L, "reason", "FIN", "endpoint", null));

        assertThat(line.propertyNames()).containsExactly("time", "level", "logger", "message", "session", "reason");
        assertThat(line.get("time").asString()).isEqualTo("2026-03-01T11:02:03.400Z");
        assertThat(line.get("level").asString()).isEqualTo("WARN");
        assertThat(line.get("logger").asString()).isEqualTo("io.tidegate.server.Test");
        assertThat(line.get("message").asString()).isEqualTo("session 7: lost");
        assertThat(line.get("session").isIntegralNumber()).isTrue();
        assertThat(line.get("reason").asString()).isEqualTo("FIN");
    }

    @Test
    void anExceptionIsAFieldToo() {
        JsonNode line = json(event("broken", new IllegalStateException("why\nnot")));

        assertThat(line.get("exception").asString())
                .startsWith("java.lang.IllegalStateException: why\nnot")
                .contains("LineEncoderTest");
    }

    @Test
    void whateverIsInItAJsonLineIsJson() {
        for (String words :
                List.of("\"}\n{", "\u0000\u001b[31m\u007f\u009b", "\\", "\ud800", "\udc00\ud800", "ä🌊\u2028")) {
            String found =
                    json(event(words, null, "reason", words)).get("reason").asString();
            assertThat(found).hasSameSizeAs(words);
        }
    }

    @Test
    void aTextLineIsOneLineWithoutFields() {
        assertThat(text(event("session 7: lost", null, "session", 7L, "reason", "FIN")))
                .endsWith("WARN  Test - session 7: lost" + System.lineSeparator())
                .startsWith("2026-03-01T");
    }

    @Test
    void nothingInATextLineActsOnATerminal() {
        assertThat(text(event("a\r\nb\u0000c\u001b[31md\u009be", null)))
                .endsWith(" - a b?c?[31md?e" + System.lineSeparator());
    }

    @Test
    void theFormatChangesFromOneLineToTheNext() {
        json(event("one", null));
        encoder().setFormat("text");
        assertThat(text(event("two", null))).contains(" - two");
        encoder().setFormat("whatever");
        assertThat(text(event("three", null))).contains(" - three");
    }
}
