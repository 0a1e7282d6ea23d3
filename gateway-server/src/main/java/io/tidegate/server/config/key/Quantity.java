package io.tidegate.server.config.key;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations, sizes, counts, percentages and rates as people write them: {@code 2s}, {@code 64KiB}, {@code 8}, {@code 50%},
 * {@code 500/s}. Whole numbers only.
 */
public final class Quantity {

    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,18})([A-Za-z]*)");

    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private static final Map<String, Long> BYTES = Map.of(
            "", 1L,
            "B", 1L,
            "KB", 1_000L,
            "MB", 1_000_000L,
            "GB", 1_000_000_000L,
            "KiB", 1L << 10,
            "MiB", 1L << 20,
            "GiB", 1L << 30);

    private Quantity() {}

    /** A duration within bounds, both included and written as the user would write them. */
    public static Scalar<Duration> duration(String least, String most) {
        String expected = "a duration from " + least + " to " + most + " such as 100ms, 2s, 5m or 1h";
        Duration shortest = Duration.ofMillis(parse(least, MILLIS, expected));
        Duration longest = Duration.ofMillis(parse(most, MILLIS, expected));
        return new Scalar<>(
                "duration",
                expected,
                Scalar.Syntax.text("^[0-9]{1,18}(ms|s|m|h)$"),
                text -> Duration.ofMillis(parse(text, MILLIS, expected)),
                duration -> require(duration.compareTo(shortest) >= 0 && duration.compareTo(longest) <= 0, expected));
    }

    /** A number of bytes, 0 or more. */
    public static Scalar<Long> size() {
        return size(0, "a size such as 512, 64KiB, 1MiB or 1GiB, or 0");
    }

    /** A number of bytes, 1 or more. */
    public static Scalar<Long> sizeAboveZero() {
        return size(1, "a size > 0 such as 512, 64KiB, 1MiB or 1GiB");
    }

    private static Scalar<Long> size(long least, String expected) {
        return new Scalar<>(
                "size",
                expected,
                Scalar.Syntax.number("^[0-9]{1,18}(B|KB|MB|GB|KiB|MiB|GiB)?$"),
                text -> parse(text, BYTES, expected),
                size -> require(size >= least, expected));
    }

    /** A whole number within bounds, both included. */
    public static Scalar<Integer> count(int least, int most) {
        String expected = "a whole number from " + least + " to " + most;
        return new Scalar<>(
                "number",
                expected,
                Scalar.Syntax.number("^[0-9]{1," + String.valueOf(most).length() + "}$"),
                text -> Math.toIntExact(Math.min(Integer.MAX_VALUE, parse(text, Map.of("", 1L), expected))),
                count -> require(count >= least && count <= most, expected));
    }

    /** A share of a whole within bounds in percent, both included: {@code 50%} is 0.5. */
    public static Scalar<Double> percent(int least, int most) {
        String expected = "a percentage from " + least + "% to " + most + "% such as 50%";
        return new Scalar<>(
                "percentage",
                expected,
                Scalar.Syntax.text("^[0-9]{1,3}%$"),
                text -> {
                    require(text.endsWith("%"), expected);
                    return parse(text.substring(0, text.length() - 1), Map.of("", 1L), expected) / 100.0;
                },
                share -> require(share >= least / 100.0 && share <= most / 100.0, expected));
    }

    /** How often in a second at most, within bounds, both included: {@code 500/s}. */
    public static Scalar<Integer> rate(int least, int most) {
        String expected = "a rate from " + least + "/s to " + most + "/s such as 500/s";
        return new Scalar<>(
                "rate",
                expected,
                Scalar.Syntax.text("^[0-9]{1," + String.valueOf(most).length() + "}/s$"),
                text -> {
                    require(text.endsWith("/s"), expected);
                    return Math.toIntExact(Math.min(
                            Integer.MAX_VALUE, parse(text.substring(0, text.length() - 2), Map.of("", 1L), expected)));
                },
                rate -> require(rate >= least && rate <= most, expected));
    }

    private static long parse(String text, Map<String, Long> units, String expected) {
        Matcher matcher = WITH_UNIT.matcher(text);
        Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new InvalidValue(expected);
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new InvalidValue(expected);
        }
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new InvalidValue(expected);
        }
    }
}
