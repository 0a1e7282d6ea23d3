package io.tidegate.server.config.document;

/** Writes key paths: {@code routes[0].limits.message}. */
public final class KeyPath {

    /** The path of the whole document. */
    public static final String ROOT = "";

    private KeyPath() {}

    /** The path of a key in the map at {@code path}. */
    public static String of(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The path of an element, from 0, in the list at {@code path}. */
    public static String of(String path, int index) {
        return path + "[" + index + "]";
    }
}
