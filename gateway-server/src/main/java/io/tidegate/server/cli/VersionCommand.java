package io.tidegate.server.cli;

import io.tidegate.server.Gateway;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what is running here. */
@Command(name = "version", description = "Show the version, the JDK and the transport that this machine has.")
final class VersionCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("tidegate   " + Gateway.version());
        out.println("java       " + Runtime.version() + " (" + System.getProperty("java.vm.name") + ", "
                + System.getProperty("java.vendor") + ")");
        out.println("transport  " + Gateway.transportAvailable());
        out.flush();
    }
}
