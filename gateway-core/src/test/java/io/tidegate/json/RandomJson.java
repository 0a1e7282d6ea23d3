package io.tidegate.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Writes JSON texts at random, in every way JSON allows: escapes where none are needed, whitespace, names that occur twice,
 * numbers of every form; and remembers the pointers to what it wrote.
 */
final class RandomJson {

    private static final String[] NAMES = {
        "id",
        "method",
        "i",
        "idd",
        "",
        "0",
        "1",
        "01",
        "-",
        "a/b",
        "~",
        "~1",
        "\"",
        "a\\b",
        "\n",
        "é",
        "日本",
        "😀",
        "a name of 25 characters..."
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "7",
        "-12",
        "10",
        "1.5",
        "0.25",
        "-0.0",
        "1e5",
        "1E+5",
        "2e-07",
        "12345678901234567890",
        "1.00000000000000001e400"
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "42",
        "true",
        "\"",
        "\\",
        "/",
        "\b\f\n\r\t",
        "\u0000\u001f",
        "\u007f",
        "é",
        "߿ࠀ",
        "日本語",
        "😀",
        "\uD83D",
        "\uDE00",
        "x\uD83Dy",
        "\uDE00\uD83D",
        "0f8fad5b-d9cb-469f-a165-70867728950e"
    };
    private static final String[] LITERALS = {"true", "false", "null"};
    private static final String[] SPACES = {" ", "\n", "\t", "\r\n", "          "};

    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private final List<String> pointers = new ArrayList<>();

    RandomJson(Random random) {
        this.random = random;
        if (random.nextInt(8) == 0) {
            // Lets the window of the scanner end anywhere in what follows.
            out.append(" ".repeat(960 + random.nextInt(100)));
        }
        value("", random.nextInt(5));
        space();
    }

    byte[] text() {
        return out.toString().getBytes(UTF_8);
    }

    /** A pointer to something in the text, or close by, or anywhere. */
    String pointer() {
        String pointer = pointers.get(random.nextInt(pointers.size()));
        return switch (random.nextInt(6)) {
            case 0 -> pointer + '/' + token(pick(NAMES));
            case 1 -> pointer.substring(0, Math.max(0, pointer.lastIndexOf('/'))) + '/' + token(pick(NAMES));
            case 2 -> pointer + "/" + random.nextInt(3);
            default -> pointer;
        };
    }

    private void value(String pointer, int depth) {
        pointers.add(pointer);
        space();
        switch (depth == 0 ? 2 + random.nextInt(3) : random.nextInt(6)) {
            case 0 -> array(pointer, depth);
            case 2 -> string(content());
            case 3 -> out.append(pick(NUMBERS));
            case 4 -> out.append(pick(LITERALS));
            default -> object(pointer, depth);
        }
    }

    private void array(String pointer, int depth) {
        out.append('[');
        space();
        int length = random.nextInt(4);
        for (int i = 0; i < length; i++) {
            out.append(i == 0 ? "" : ",");
            value(pointer + '/' + i, depth - 1);
            space();
        }
        out.append(']');
    }

    private void object(String pointer, int depth) {
        out.append('{');
        space();
        int length = random.nextInt(5);
        for (int i = 0; i < length; i++) {
            out.append(i == 0 ? "" : ",");
            space();
            String name = pick(NAMES);
            string(name);
            space();
            out.append(':');
            value(pointer + '/' + token(name), depth - 1);
            space();
        }
        out.append('}');
    }

    private String content() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(pick(TEXTS));
        }
        return text.toString();
    }

    private void string(String text) {
        boolean escaping = random.nextInt(3) == 0;
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            boolean must = c < ' ' || c == '"' || c == '\\' || (Character.isSurrogate(c) && !pair);
            if (must || (escaping && random.nextInt(3) == 0)) {
                escape(c);
                if (pair) {
                    escape(text.charAt(++i));
                }
            } else {
                out.append(c);
                if (pair) {
                    out.append(text.charAt(++i));
                }
            }
        }
        out.append('"');
    }

    private void escape(char c) {
        int letter = "\"\\/\b\f\n\r\t".indexOf(c);
        if (letter >= 0 && random.nextBoolean()) {
            out.append('\\').append("\"\\/bfnrt".charAt(letter));
        } else {
            String digits = HexFormat.of().toHexDigits(c);
            out.append("\\u").append(random.nextBoolean() ? digits : digits.toUpperCase(Locale.ROOT));
        }
    }

    private void space() {
        while (random.nextInt(4) == 0) {
            out.append(pick(SPACES));
        }
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }

    private static String token(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
