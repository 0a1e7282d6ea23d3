package io.tidegate.bench.fault.message;

/** Letters that follow from a message's number. */
final class Filler {

    private static final int LETTERS = 26;

    private Filler() {}

    /** The filler of a message. */
    static String of(Numbered number, int length) {
        StringBuilder filler = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            filler.append(letter(number, i));
        }
        return filler.toString();
    }

    /** Whether {@code text} is the filler of a message. */
    static boolean matches(Numbered number, CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != letter(number, i)) {
                return false;
            }
        }
        return true;
    }

    private static char letter(Numbered number, int index) {
        return (char) ('a' + Math.floorMod(number.client() * 31 + number.sequence() * 7 + index, LETTERS));
    }
}
