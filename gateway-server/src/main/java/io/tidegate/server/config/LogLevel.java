package io.tidegate.server.config;

import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.Scalar;
import java.util.Locale;

/** How much the log says; each level says what those before it do, too. */
public enum LogLevel {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    /** One of the words in any letter case, as other programs' variables for it are often in capitals. */
    static final Scalar<LogLevel> SHAPE = inAnyCase(Choice.of(values(), LogLevel::text));

    /** As written in the configuration: {@code info}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static Scalar<LogLevel> inAnyCase(Scalar<LogLevel> words) {
        return new Scalar<>(
                words.type(),
                words.expected(),
                words.syntax(),
                text -> words.parse(text.toLowerCase(Locale.ROOT)),
                words.constraint());
    }
}
