package io.tidegate.server.cli;

import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.document.Problem;
import java.io.PrintWriter;
import java.net.BindException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into lines on stderr and an exit code. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {

    private final BooleanSupplier verbose;

    /** Shows stack traces when {@code verbose} says so. */
    Errors(BooleanSupplier verbose) {
        this.verbose = verbose;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String help = command.getCommandSpec().qualifiedName() + " --help";
        command.getErr().println("tidegate: " + oneLine(e) + " (see " + help + ")");
        trace(e, command.getErr());
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        int code = report(e, err);
        trace(e, err);
        return code;
    }

    private static int report(Exception e, PrintWriter err) {
        if (e instanceof ConfigException invalid) {
            invalid.problems().forEach(problem -> err.println(problem.message()));
            boolean onlyOptions = invalid.problems().stream().allMatch(Errors::isOption);
            return onlyOptions ? ExitCode.USAGE : ExitCode.INVALID_CONFIGURATION;
        }
        err.println("tidegate: " + oneLine(e));
        return e instanceof BindException ? ExitCode.CANNOT_BIND : ExitCode.INTERNAL;
    }

    private static boolean isOption(Problem problem) {
        return problem.source().startsWith("--");
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.replaceAll("\\s*\\R\\s*", " ");
    }

    private void trace(Exception e, PrintWriter err) {
        if (verbose.getAsBoolean()) {
            e.printStackTrace(err);
        }
    }
}
