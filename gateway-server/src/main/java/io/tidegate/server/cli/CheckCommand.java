package io.tidegate.server.cli;

import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads a configuration and starts nothing. */
@Command(
        name = "check",
        description = {
            "Read a configuration file, with the environment as it is, and report every problem at once.",
            "Nothing is started."
        })
final class CheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The file: YAML or JSON.")
    private Path config = Path.of("");

    @Override
    public Integer call() throws ConfigException {
        ConfigReader.Loaded loaded = ConfigReader.load(config, System.getenv());
        PrintWriter err = spec.commandLine().getErr();
        loaded.warnings().forEach(warning -> err.println("warning: " + warning.message()));
        PrintWriter out = spec.commandLine().getOut();
        out.println(config + ": valid");
        ConfigSummary.lines(loaded.config()).forEach(line -> out.println("  " + line));
        out.flush();
        return ExitCode.FINE;
    }
}
