package io.tidegate.server.requests;

/**
 * An id of a request, or another value of a message: 128 bits of a hash (XXH3, seeded anew in each process) of its type and
 * text. Strings are one id however they are escaped, numbers however they are written, within 256 powers
 * of ten; {@code 1} and {@code "1"} are two.
 */
public record RequestId(long high, long low) {

    /** In place of an id: that of {@link MessageKind#OPEN} and {@link MessageKind#ACCEPT}, which have none. */
    public static final RequestId CONNECTION = new RequestId(0, 0);
}
