package io.tidegate.server.config;

import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problems;
import io.tidegate.server.config.key.Choice;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Scalar;
import java.util.Map;

/** The one {@code TIDEGATE_} variable that is no key: how much the log says is settled before a file is read. */
final class LogLevel {

    static final String VARIABLE = "TIDEGATE_LOG_LEVEL";

    static final Scalar<String> SHAPE =
            Choice.of(new String[] {"ERROR", "WARN", "INFO", "DEBUG", "TRACE", "OFF"}, level -> level);

    private LogLevel() {}

    static void check(Map<String, String> environment, Problems problems) {
        String level = environment.getOrDefault(VARIABLE, "");
        try {
            if (!level.isEmpty()) {
                SHAPE.parse(level);
            }
        } catch (InvalidValue e) {
            problems.add(Origin.named(VARIABLE), KeyPath.ROOT, level, e.expected(), e.suggestion());
        }
    }
}
