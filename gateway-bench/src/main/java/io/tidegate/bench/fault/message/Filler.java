package io.tidegate.bench.fault.message;

/** Letters that follow from a message's number. */
final class Filler {

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    /** The longest filler. */
    private static final int LONGEST = 1 << 20;

    /** All letters of all fillers: each is a part of it. */
    private static final String TEXT = ALPHABET.repeat(LONGEST / ALPHABET.length() + 2);

    private Filler() {}

    /** The filler of a message. */
    static String of(Numbered number, int length) {
        int start = start(number);
        return TEXT.substring(start, start + length);
    }

    /** Whether {@code text} is the filler of a message. */
    static boolean matches(Numbered number, String text) {
        return TEXT.startsWith(text, start(number));
    }

    private static int start(Numbered number) {
        return Math.floorMod(number.client() * 31 + number.sequence() * 7, ALPHABET.length());
    }
}
