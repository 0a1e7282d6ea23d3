package io.tidegate.server.config.document;

/**
 * Where a piece of configuration was written.
 *
 * @param name a file as the user named it, the name of an environment variable, or a command line option
 * @param line the line in that file, counted from 1; 0 when the place has no lines or the whole file is meant
 */
public record Origin(String name, int line) {

    /** An environment variable, an option, or a file as a whole. */
    public static Origin named(String name) {
        return new Origin(name, 0);
    }

    /** {@code tidegate.yaml:12} or {@code TIDEGATE_ADMIN_ADDRESS}. */
    @Override
    public String toString() {
        return line == 0 ? name : name + ":" + line;
    }
}
