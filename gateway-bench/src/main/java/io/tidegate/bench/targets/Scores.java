package io.tidegate.bench.targets;

import io.tidegate.bench.table.AllocationTable;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/** What the benchmarks came to, by their names and parameters. */
final class Scores {

    private final Map<String, Score> scores = new TreeMap<>();

    /** Adds one. */
    void put(String name, Map<String, String> parameters, Score score) {
        scores.put(key(name, parameters), score);
    }

    /**
     * Adds what JMH measured, in nanoseconds per operation, with its allocation profiler. The median of the iterations
     * counts, so that one which something else on the machine disturbed doesn't.
     */
    void put(Collection<RunResult> results) {
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            Map<String, String> parameters = new TreeMap<>();
            params.getParamsKeys().forEach(key -> parameters.put(key, params.getParam(key)));
            double median = result.getPrimaryResult().getStatistics().getPercentile(50);
            Score score = new Score(median, AllocationTable.allocated(result));
            put(shortName(params.getBenchmark()), parameters, score);
        }
    }

    /**
     * One benchmark's score.
     *
     * @param name of class and method, such as {@code BreakerBenchmark.permitAndSuccess}
     * @param parameters all of them
     */
    Score of(String name, Map<String, String> parameters) throws MissingBenchmarkException {
        Score score = scores.get(key(name, parameters));
        if (score == null) {
            throw new MissingBenchmarkException(key(name, parameters));
        }
        return score;
    }

    /** One benchmark's score that has no parameters. */
    Score of(String name) throws MissingBenchmarkException {
        return of(name, Map.of());
    }

    /** The name of class and method, without the package. */
    static String shortName(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1);
    }

    private static String key(String name, Map<String, String> parameters) {
        return parameters.isEmpty() ? name : name + ' ' + new TreeMap<>(parameters);
    }
}
