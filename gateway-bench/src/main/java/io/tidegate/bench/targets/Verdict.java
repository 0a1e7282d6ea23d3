package io.tidegate.bench.targets;

/** How a measured figure compares with its budget. */
enum Verdict {
    HELD("held"),
    MISSED("MISSED"),
    /** Measured, but the machine was too busy to tell. */
    UNCLEAR("UNCLEAR"),
    /** There is nothing yet to measure. */
    NOT_MEASURED("not measured yet"),
    /** There is no budget. */
    STATED("");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    static Verdict of(boolean held) {
        return held ? HELD : MISSED;
    }

    /** Whether this lets the command succeed. */
    boolean isFine() {
        return this != MISSED && this != UNCLEAR;
    }

    String words() {
        return words;
    }
}
