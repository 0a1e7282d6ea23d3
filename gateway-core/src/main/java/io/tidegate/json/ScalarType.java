package io.tidegate.json;

/** Types of the scalars that can be found; {@code null} isn't one, see {@link ScanStatus#NULL}. */
public enum ScalarType {
    STRING('s'),
    NUMBER('n'),
    TRUE('t'),
    FALSE('f');

    private final byte tag;

    ScalarType(char tag) {
        this.tag = (byte) tag;
    }

    /** The first byte of a {@linkplain PointerScanner#key key}, so that {@code 1} and {@code "1"} make two. */
    public byte tag() {
        return tag;
    }
}
