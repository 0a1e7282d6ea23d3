package io.tidegate.bench.targets;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code targets}: measures every figure that has a budget, and says which budgets are held. */
@Command(
        name = "targets",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        description = {
            "Measures every figure that has a budget, and says which budgets are held.",
            "Times are of one thread and depend on the machine, which should have nothing else to do. Each benchmark runs"
                    + " in a JVM of its own; allocations are bytes per operation."
        },
        footerHeading = "%nProgress goes to stderr, the table to stdout.%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all budgets that can be measured are held",
            "1:a budget is missed, or the machine was too busy to tell",
            "64:wrong usage",
            "70:anything else, such as a benchmark that is missing"
        },
        exitCodeOnInvalidInput = TargetsCommand.USAGE,
        exitCodeOnExecutionException = TargetsCommand.SOFTWARE)
public final class TargetsCommand implements Callable<Integer> {

    static final int MISSED = 1;
    static final int USAGE = 64;
    static final int SOFTWARE = 70;

    private static final Duration ROUND = Duration.ofMillis(700);

    /** What the command measures with; tests have another one. */
    @FunctionalInterface
    interface Measurement {
        TargetsReport take(boolean quick, Consumer<String> progress) throws Exception;
    }

    private final Measurement measurement;

    @Option(names = "--quick", description = "Measure for a shorter time: a hint in less than a minute.")
    private boolean quick;

    @Option(names = "--json", description = "Print the table as one JSON object.")
    private boolean json;

    @CommandLine.Spec
    private CommandSpec spec;

    /** Made by picocli, which fills the fields before {@link #call}. */
    public TargetsCommand() {
        this(TargetsCommand::measure);
    }

    @SuppressWarnings("NullAway.Init")
    TargetsCommand(Measurement measurement) {
        this.measurement = measurement;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        TargetsReport report;
        try {
            report = measurement.take(quick, line -> {
                err.println(line);
                err.flush();
            });
        } catch (MissingBenchmarkException | RunnerException failed) {
            err.println("targets: " + failed.getMessage());
            return SOFTWARE;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.json() : report.text());
        out.flush();
        return report.ok() ? 0 : MISSED;
    }

    private static TargetsReport measure(boolean quick, Consumer<String> progress) throws Exception {
        Scores scores = new BenchmarkRun(quick, progress).run(BudgetTable.BENCHMARKS);
        SweepPauses pauses = SweepPauses.measure(quick ? 5 : 15, ROUND, progress);
        progress.accept("memory");
        return new TargetsReport(BudgetTable.of(scores, pauses, Footprint.measure()), quick);
    }
}
