package io.tidegate.bench.targets;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks that figures need, each in a JVM of its own, with JMH's allocation profiler.
 *
 * <p>What JMH itself would print is left out; the progress says which benchmark is running.
 */
final class BenchmarkRun {

    private static final TimeValue QUICK = TimeValue.milliseconds(200);

    private final boolean quick;
    private final Consumer<String> progress;

    /**
     * @param quick shorter than the benchmarks themselves ask for
     * @param progress gets a line for each benchmark
     */
    BenchmarkRun(boolean quick, Consumer<String> progress) {
        this.quick = quick;
        this.progress = progress;
    }

    /**
     * Runs benchmarks, if all are there.
     *
     * @param names of class and method, such as {@code BreakerBenchmark.permitAndSuccess}; with all their parameters
     */
    Scores run(List<String> names) throws MissingBenchmarkException, RunnerException {
        List<String> benchmarks = new ArrayList<>();
        for (String name : names) {
            benchmarks.add(find(name));
        }
        Scores scores = new Scores();
        for (int i = 0; i < benchmarks.size(); i++) {
            progress.accept("%d of %d: %s".formatted(i + 1, benchmarks.size(), names.get(i)));
            scores.put(new Runner(options(benchmarks.get(i)).build()).run());
        }
        return scores;
    }

    /** The full name of a benchmark. */
    static String find(String name) throws MissingBenchmarkException {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.err, VerboseMode.SILENT);
        return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
                .map(benchmark -> benchmark.getUsername())
                .filter(benchmark -> Scores.shortName(benchmark).equals(name))
                .findFirst()
                .orElseThrow(() -> new MissingBenchmarkException(name));
    }

    private ChainedOptionsBuilder options(String benchmark) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include('^' + Pattern.quote(benchmark) + '$')
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        return quick
                ? options.warmupIterations(3)
                        .warmupTime(QUICK)
                        .measurementIterations(5)
                        .measurementTime(QUICK)
                : options;
    }
}
