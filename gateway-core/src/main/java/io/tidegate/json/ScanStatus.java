package io.tidegate.json;

/** What became of a search for the scalar at a {@link JsonPointer}. */
public enum ScanStatus {

    /** A string, a number, {@code true} or {@code false} stands there. */
    FOUND,

    /** Nothing stands there, and what was read to know that is JSON. */
    MISSING,

    /** {@code null} stands there. */
    NULL,

    /** An object or an array begins there; it wasn't looked into. */
    NOT_SCALAR,

    /** What was read isn't JSON, or ended too early. */
    NOT_JSON,

    /** A container lies deeper than {@link ScanLimits#depth()}. */
    TOO_DEEP,

    /** Not decided within {@link ScanLimits#bytes()}. */
    TOO_LARGE,

    /** The scalar is longer than {@link ScanLimits#scalarBytes()}. */
    TOO_LONG
}
