package io.tidegate.bench;

import io.tidegate.bench.fault.FaultCommand;
import io.tidegate.bench.fault.upstream.UpstreamCommand;
import io.tidegate.bench.load.LoadCommand;
import io.tidegate.bench.targets.TargetsCommand;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The program: parses the command line and runs one command.
 *
 * <p>Exit codes: 0 all is fine, 1 the command ran and what it measured is not fine (lost messages, closed
 * connections, broken promises, missed budgets), 64 wrong usage, 69 nothing to measure could be reached, 70 anything else, 130 interrupted. Errors are one line on
 * stderr.
 */
@Command(
        name = "gateway-bench",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Measures WebSocket gateways.",
        subcommands = {LoadCommand.class, FaultCommand.class, UpstreamCommand.class, TargetsCommand.class})
public final class Main implements Runnable {

    /** Wrong usage: an unknown option, a missing or impossible value. */
    static final int USAGE = 64;

    /** Anything that no other exit code describes. */
    static final int SOFTWARE = 70;

    private static final String LOGGING = "logback.configurationFile";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills spec before run
    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs the command named by {@code args} and returns its exit code. */
    static int run(String... args) {
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "logback-bench.xml"); // before anything logs: warnings only, to stderr
        }
        CommandLine line = new CommandLine(new Main());
        line.addSubcommand(new CommandLine(new MicroCommand()).setUnmatchedOptionsArePositionalParams(true));
        line.registerConverter(Duration.class, Durations::parse);
        line.setParameterExceptionHandler(Main::wrongUsage);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println(command.getCommandName() + ": " + failure);
            return SOFTWARE;
        });
        return line.execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command (expected: load, fault, targets, micro)");
    }

    /** The version in the jar's manifest, or {@code development} when run from class files. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static int wrongUsage(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + wrong.getMessage());
        err.println("see: " + command.getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"gateway-bench " + version()};
        }
    }
}
