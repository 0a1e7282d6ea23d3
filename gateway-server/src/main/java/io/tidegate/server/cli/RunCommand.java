package io.tidegate.server.cli;

import io.tidegate.server.Gateway;
import io.tidegate.server.config.CommandLineConfig;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import java.net.BindException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a gateway until the process is told to end. */
@Command(
        name = "run",
        customSynopsis = {
            "tidegate run --config FILE",
            "       tidegate run --upstream URI [--upstream URI]... [--listen ADDRESS]",
            "                    [--admin ADDRESS] [--log-format FORMAT]"
        },
        description = {
            "Run the gateway until SIGTERM or SIGINT, which drain it; a second one closes all sessions at once.",
            "Without a file, all paths of all hosts go to the upstream."
        })
final class RunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration: YAML or JSON.")
    private @Nullable Path config;

    @Mixin
    private Addresses addresses = new Addresses();

    @Option(
            names = "--upstream",
            paramLabel = "URI",
            description = "An endpoint, ws://host:port or ws://host:port/path. Several take turns.")
    private List<String> upstreams = List.of();

    @Override
    public Integer call() throws ConfigException, BindException {
        ConfigReader.Loaded loaded = load();
        Gateway gateway = config == null
                ? addresses.explaining(loaded, () -> GatewayProcess.start(loaded))
                : GatewayProcess.start(loaded);
        GatewayProcess.run(gateway, loaded.config(), () -> {}, () -> {});
        return ExitCode.FINE;
    }

    private ConfigReader.Loaded load() throws ConfigException {
        boolean described = addresses.given() || !upstreams.isEmpty();
        if (config != null && described) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--config excludes --listen, --admin, --log-format and --upstream: they belong in the file");
        }
        if (config != null) {
            return ConfigReader.load(config, System.getenv());
        }
        if (upstreams.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--config FILE or --upstream URI is missing");
        }
        return ConfigReader.load(
                new CommandLineConfig(addresses.listen, addresses.admin, upstreams, null, addresses.logFormat),
                System.getenv());
    }
}
