package io.tidegate.bench;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations as people type them: {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}; a bare number is seconds. */
final class Durations {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(ms|s|m|h)?");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @param text what was typed
     * @return the duration, never negative
     * @throws TypeConversionException when the text is none
     */
    static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new TypeConversionException(text + " (expected: a duration such as 500ms, 10s, 2m)");
        }
        String unit = form.group(2) == null ? "s" : form.group(2);
        double millis = Double.parseDouble(form.group(1))
                * switch (unit) {
                    case "ms" -> 1;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    default -> 1_000;
                };
        return Duration.ofNanos(Math.round(millis * 1e6));
    }
}
