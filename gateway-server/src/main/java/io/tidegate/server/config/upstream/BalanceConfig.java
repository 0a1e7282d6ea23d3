package io.tidegate.server.config.upstream;

import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Nearest;
import io.tidegate.server.config.key.Scalar;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the endpoint for a leg is picked.
 *
 * @param kind the way
 * @param name of the header, or of the query parameter, that the pick goes by; empty with other kinds
 */
public record BalanceConfig(Balance kind, String name) {

    private static final List<String> WORDS = Arrays.stream(Balance.values())
            .map(kind -> kind.text() + (kind.isNamed() ? "NAME" : ""))
            .toList();

    private static final String EXPECTED = "one of " + String.join(", ", WORDS);
    private static final String HEADER = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final String PARAMETER = "[^\\s&=#?]+";
    private static final Pattern HEADER_NAME = Pattern.compile(HEADER);
    private static final Pattern PARAMETER_NAME = Pattern.compile(PARAMETER);

    static final Scalar<BalanceConfig> SHAPE = new Scalar<>(
            "balance",
            EXPECTED,
            Scalar.Syntax.text(Arrays.stream(Balance.values())
                    .map(kind -> kind.text() + pattern(kind))
                    .collect(Collectors.joining("|", "^(", ")$"))),
            BalanceConfig::parse,
            balance -> {});

    /** One endpoint after the other. */
    public static final BalanceConfig ROUND_ROBIN = new BalanceConfig(Balance.ROUND_ROBIN, "");

    public BalanceConfig {
        if (!fits(kind, name)) {
            throw new IllegalArgumentException("balance: " + kind.text() + name + " (expected: " + EXPECTED + ")");
        }
    }

    private static boolean fits(Balance kind, String name) {
        return switch (kind) {
            case HASH_HEADER -> HEADER_NAME.matcher(name).matches();
            case HASH_QUERY -> PARAMETER_NAME.matcher(name).matches();
            default -> name.isEmpty();
        };
    }

    private static BalanceConfig parse(String text) {
        for (Balance kind : Balance.values()) {
            String name =
                    text.startsWith(kind.text()) ? text.substring(kind.text().length()) : null;
            if (name != null && fits(kind, name)) {
                return new BalanceConfig(kind, name);
            }
        }
        throw new InvalidValue(EXPECTED, Nearest.to(text, WORDS));
    }

    private static String pattern(Balance kind) {
        return switch (kind) {
            case HASH_HEADER -> HEADER;
            case HASH_QUERY -> PARAMETER;
            default -> "";
        };
    }

    /** As written in the configuration: {@code hash:header:X-User}. */
    @Override
    public String toString() {
        return kind.text() + name;
    }
}
