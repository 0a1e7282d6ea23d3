package io.tidegate.bench.table;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What JMH measured with its allocation profiler, one line for each benchmark. */
public final class AllocationTable {

    /** How the profiler calls bytes per operation. */
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private AllocationTable() {}

    /** The table. */
    public static TextTable of(Collection<RunResult> results) {
        TextTable table = new TextTable("benchmark", "parameters", "mode", "score", "error", "unit", "allocated");
        for (RunResult result : results) {
            Result<?> score = result.getPrimaryResult();
            table.add(
                    result.getParams().getBenchmark().replaceFirst("^io\\.tidegate\\.bench\\.", ""),
                    parameters(result.getParams()),
                    result.getParams().getMode().shortLabel(),
                    number(score.getScore()),
                    Double.isNaN(score.getScoreError()) ? "" : "± " + number(score.getScoreError()),
                    score.getScoreUnit(),
                    number(allocated(result)) + " B/op");
        }
        return table;
    }

    private static String parameters(BenchmarkParams params) {
        return params.getParamsKeys().stream()
                .map(key -> key + '=' + params.getParam(key))
                .collect(Collectors.joining(" "));
    }

    /** Bytes that an operation allocates; {@code NaN} when the profiler didn't run. */
    public static double allocated(RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
        return bytes == null ? Double.NaN : bytes.getScore();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%,.3f", value);
    }
}
