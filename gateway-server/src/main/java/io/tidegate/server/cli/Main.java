package io.tidegate.server.cli;

import io.tidegate.server.Gateway;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Entry point of the gateway process. */
@Command(
        name = "tidegate",
        description = "A WebSocket gateway that keeps the conversation going when an upstream does not.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            DrainCommand.class,
            VersionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:fine",
            "64:wrong usage",
            "69:an address cannot be bound",
            "70:anything else",
            "78:invalid configuration"
        },
        scope = ScopeType.INHERIT,
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.INTERNAL,
        usageHelpAutoWidth = true)
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and do nothing.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show stack traces with errors.")
    private boolean verbose;

    private Main() {}

    /** Runs one command; ends the process with its exit code. */
    public static void main(String[] args) {
        Gateway.prepare();
        System.exit(execute(writer(System.out), writer(System.err), args));
    }

    /** Runs one command and returns its exit code, unless it runs until the process is told to end. */
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        Main main = new Main();
        Errors errors = new Errors(() -> main.verbose);
        return new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .execute(args);
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: demo, run, check, status, drain or version");
    }
}
