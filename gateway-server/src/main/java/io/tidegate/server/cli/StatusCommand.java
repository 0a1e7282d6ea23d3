package io.tidegate.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what a running gateway runs with. */
@Command(
        name = "status",
        description =
                "Show whether a running gateway is ready, its configuration in force without secrets, and since when.")
final class StatusCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private AdminPort admin = new AdminPort();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        admin.get("/api/status").forEach(out::println);
        out.flush();
        return ExitCode.FINE;
    }
}
