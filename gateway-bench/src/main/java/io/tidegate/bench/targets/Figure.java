package io.tidegate.bench.targets;

/**
 * One row of the table.
 *
 * @param name what was measured
 * @param budget in words; empty when there is none
 * @param value as measured, {@code NaN} when it wasn't
 * @param unit of {@code value}
 * @param measured in words
 * @param allocated bytes per operation, {@code NaN} where that makes no sense
 * @param verdict whether the budget is held
 */
record Figure(
        String name, String budget, double value, String unit, String measured, double allocated, Verdict verdict) {

    /** A figure that is told and not judged. */
    static Figure stated(String name, double value, String unit, String measured, double allocated) {
        return new Figure(name, "", value, unit, measured, allocated, Verdict.STATED);
    }

    /** A figure that can't be measured yet. */
    static Figure notMeasured(String name, String budget, String why) {
        return new Figure(name, budget, Double.NaN, "", why, Double.NaN, Verdict.NOT_MEASURED);
    }
}
