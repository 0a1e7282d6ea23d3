package io.tidegate.bench;

import io.tidegate.bench.table.AllocationTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * Runs the JMH benchmarks that are built into this program.
 *
 * <p>Everything but {@code --json} is handed to JMH as it is: {@code micro -l} lists the benchmarks, {@code micro -h}
 * explains JMH's own options. Unless another profiler is asked for, JMH's allocation profiler runs along, and a table with
 * the bytes that each operation allocates comes last.
 */
@Command(
        name = "micro",
        description = "Runs the JMH micro-benchmarks; -l lists them, -h explains JMH's options.",
        exitCodeOnInvalidInput = Main.USAGE,
        exitCodeOnExecutionException = Main.SOFTWARE)
final class MicroCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print nothing but JMH's results, as JSON.")
    private boolean json;

    @Parameters(paramLabel = "JMH_OPTION", description = "Options and patterns for JMH.")
    private List<String> options = new ArrayList<>();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills spec before call
    MicroCommand() {}

    @Override
    public Integer call() throws IOException, RunnerException {
        if (json) {
            return printJson();
        }
        CommandLineOptions typed = parse(options);
        if (asksForHelp(typed)) {
            org.openjdk.jmh.Main.main(options.toArray(new String[0]));
            return 0;
        }
        boolean allocations = typed.getProfilers().isEmpty();
        Collection<RunResult> results = new Runner(withAllocations(typed)).run();
        if (allocations) {
            PrintWriter out = spec.commandLine().getOut();
            out.println();
            AllocationTable.of(results).lines().forEach(out::println);
            out.flush();
        }
        return 0;
    }

    private int printJson() throws IOException, RunnerException {
        Path results = Files.createTempFile("micro", ".json");
        try {
            List<String> all = new ArrayList<>(options);
            all.addAll(List.of("-v", "SILENT", "-rf", "json", "-rff", results.toString()));
            new Runner(withAllocations(parse(all))).run();
            PrintWriter out = spec.commandLine().getOut();
            out.println(Files.readString(results).strip());
            out.flush();
        } finally {
            Files.deleteIfExists(results);
        }
        return 0;
    }

    private CommandLineOptions parse(List<String> words) {
        try {
            return new CommandLineOptions(words.toArray(new String[0]));
        } catch (CommandLineOptionException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static Options withAllocations(CommandLineOptions typed) {
        return typed.getProfilers().isEmpty()
                ? new OptionsBuilder()
                        .parent(typed)
                        .addProfiler(GCProfiler.class)
                        .build()
                : typed;
    }

    private static boolean asksForHelp(CommandLineOptions typed) {
        return typed.shouldHelp()
                || typed.shouldList()
                || typed.shouldListWithParams()
                || typed.shouldListProfilers()
                || typed.shouldListResultFormats();
    }
}
