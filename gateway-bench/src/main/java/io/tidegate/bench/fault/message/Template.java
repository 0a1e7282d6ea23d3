package io.tidegate.bench.fault.message;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text with places for a client, a sequence number and filler, written {@code {c}}, {@code {s}} and {@code {f}}.
 *
 * <p><b>Threads:</b> immutable.
 */
final class Template {

    private static final Pattern PLACE = Pattern.compile("\\{([csf])}");

    private final String text;
    private final String head;
    private final Pattern form;

    /** @param text has each place once */
    Template(String text) {
        this.text = text;
        this.head = PLACE.split(text, 2)[0];
        StringBuilder pattern = new StringBuilder();
        int end = 0;
        Matcher places = PLACE.matcher(text);
        while (places.find()) {
            pattern.append(Pattern.quote(text.substring(end, places.start())));
            pattern.append("(?<").append(places.group(1)).append('>');
            pattern.append("f".equals(places.group(1)) ? "[a-z]*+" : "\\d{1,9}").append(')');
            end = places.end();
        }
        this.form = Pattern.compile(pattern + Pattern.quote(text.substring(end)));
    }

    boolean begins(String other) {
        return other.startsWith(head);
    }

    String fill(Numbered number, String filler) {
        return text.replace("{c}", Integer.toString(number.client()))
                .replace("{s}", Integer.toString(number.sequence()))
                .replace("{f}", filler);
    }

    /** The number in a text; null when the text has another form or the filler of another number. */
    @Nullable
    Numbered read(String other) {
        Matcher match = form.matcher(other);
        if (!match.matches()) {
            return null;
        }
        Numbered number = new Numbered(Integer.parseInt(group(match, "c")), Integer.parseInt(group(match, "s")));
        return Filler.matches(number, group(match, "f")) ? number : null;
    }

    /** The filler in a text that can be read. */
    String filler(String other) {
        Matcher match = form.matcher(other);
        return match.matches() ? group(match, "f") : "";
    }

    private static String group(Matcher match, String name) {
        return Objects.requireNonNull(match.group(name), name);
    }
}
