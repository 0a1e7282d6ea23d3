package io.tidegate.server.config.key;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that someone probably meant. */
public final class Nearest {

    private static final int LONGEST = 100;

    private Nearest() {}

    /**
     * The candidate with the smallest edit distance (insert, delete, replace, swap neighbours), letter case and the
     * separators {@code -}, {@code _} and {@code .} apart; null when none is within a third of the word's length.
     */
    public static @Nullable String to(String word, Collection<String> candidates) {
        String plain = plain(word);
        if (plain.length() > LONGEST) {
            return null;
        }
        String nearest = null;
        int least = Math.max(1, plain.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = candidate.length() > LONGEST ? LONGEST : distance(plain, plain(candidate));
            if (distance < least && distance < plain.length()) {
                nearest = candidate;
                least = distance;
            }
        }
        return nearest;
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
    }

    /** Optimal string alignment distance. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + replace);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
