package io.tidegate.json;

/**
 * How far a scanner goes to find a scalar.
 *
 * @param depth containers within one another that are entered, 1 to 65,536
 * @param bytes bytes read, from the first of the text on, at least 1
 * @param scalarBytes length of the scalar as it stands in the text, without its quotes, in bytes, 8 to 2^20
 */
public record ScanLimits(int depth, int bytes, int scalarBytes) {

    /** 64 containers, 64 KiB, scalars of up to 256 bytes. */
    public static final ScanLimits DEFAULTS = new ScanLimits(64, 64 * 1024, 256);

    public ScanLimits {
        requireBetween("depth", depth, 1, 1 << 16);
        requireBetween("bytes", bytes, 1, Integer.MAX_VALUE);
        requireBetween("scalarBytes", scalarBytes, 8, 1 << 20);
    }

    private static void requireBetween(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ')');
        }
    }
}
