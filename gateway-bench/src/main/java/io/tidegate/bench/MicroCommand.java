package io.tidegate.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs the JMH benchmarks that are built into this program.
 *
 * <p>Everything but {@code --json} is handed to JMH as it is: {@code micro -l} lists the benchmarks, {@code micro -h}
 * explains JMH's own options.
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
    public Integer call() throws IOException {
        if (!json) {
            org.openjdk.jmh.Main.main(options.toArray(new String[0]));
            return 0;
        }
        Path results = Files.createTempFile("micro", ".json");
        try {
            List<String> all = new ArrayList<>(options);
            all.addAll(List.of("-v", "SILENT", "-rf", "json", "-rff", results.toString()));
            org.openjdk.jmh.Main.main(all.toArray(new String[0]));
            PrintWriter out = spec.commandLine().getOut();
            out.println(Files.readString(results).strip());
            out.flush();
        } finally {
            Files.deleteIfExists(results);
        }
        return 0;
    }
}
