package io.tidegate.bench.load;

import java.util.Locale;

/** Figures for people, the same in every locale. */
final class Figures {

    private Figures() {}

    /** A time with three digits and the unit that suits it. */
    static String time(double nanos) {
        if (nanos < 1_000) {
            return String.format(Locale.ROOT, "%.0f ns", nanos);
        }
        if (nanos < 999_500) {
            return digits(nanos / 1e3) + " µs";
        }
        if (nanos < 999_500_000) {
            return digits(nanos / 1e6) + " ms";
        }
        return digits(nanos / 1e9) + " s";
    }

    /** A count with separators. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** A rate with separators, and a decimal below a hundred. */
    static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 100 ? "%,.1f" : "%,.0f", perSecond);
    }

    private static String digits(double value) {
        String form = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, form, value);
    }
}
