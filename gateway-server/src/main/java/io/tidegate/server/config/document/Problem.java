package io.tidegate.server.config.document;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a configuration, said so that it can be mended without looking anything up.
 *
 * @param origin the file and line, variable or option at fault
 * @param path the key path, such as {@code routes[0].upstream}; empty when the whole file is meant
 * @param found what is there: the offending value, or words such as {@code unknown key}
 * @param expected what should be there; empty when {@code found} says it all
 * @param suggestion the nearest name that would be right, or null when none is near
 */
public record Problem(
        Origin origin,
        String path,
        String found,
        String expected,
        @Nullable String suggestion) {

    private static final int LONGEST_FOUND = 120;
    private static final Pattern USER_INFO = Pattern.compile("//[^/@\\s]*@");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

    /** The file, variable or option. */
    public String source() {
        return origin.name();
    }

    /** The line in the file, from 1; 0 when there is none. */
    public int line() {
        return origin.line();
    }

    /**
     * The problem on one line: {@code tidegate.yaml:12: routes[0].upstream: caht (expected: the name of an upstream; did
     * you mean chat?)}. Control characters are replaced, long values cut, and credentials in URLs masked.
     */
    public String message() {
        StringBuilder line = new StringBuilder().append(origin).append(": ");
        if (!path.isEmpty()) {
            line.append(shown(path)).append(": ");
        }
        line.append(shown(found));
        if (!expected.isEmpty() || suggestion != null) {
            line.append(" (");
            if (!expected.isEmpty()) {
                line.append("expected: ").append(expected);
            }
            if (suggestion != null) {
                line.append(expected.isEmpty() ? "" : "; ")
                        .append("did you mean ")
                        .append(suggestion)
                        .append('?');
            }
            line.append(')');
        }
        return UNPRINTABLE.matcher(line).replaceAll("\uFFFD");
    }

    @Override
    public String toString() {
        return message();
    }

    private static String shown(String text) {
        String masked = USER_INFO.matcher(text).replaceAll("//***@");
        String cut = masked.length() <= LONGEST_FOUND ? masked : masked.substring(0, LONGEST_FOUND) + "…";
        return cut.isBlank() ? '"' + cut + '"' : cut;
    }
}
