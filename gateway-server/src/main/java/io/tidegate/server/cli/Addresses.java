package io.tidegate.server.cli;

import io.tidegate.server.Gateway;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.CommandLineConfig;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a gateway without a file listens, and what its log looks like. */
final class Addresses {

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "Where to listen for clients. Default: " + CommandLineConfig.DEFAULT_LISTEN)
    @Nullable
    String listen;

    @Option(
            names = "--admin",
            paramLabel = "ADDRESS",
            description = "Where to listen for operators. Default: " + CommandLineConfig.DEFAULT_ADMIN)
    @Nullable
    String admin;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            description = "What the log looks like: text or json. Default: text")
    @Nullable
    String logFormat;

    /** Whether any of it was given. */
    boolean given() {
        return listen != null || admin != null || logFormat != null;
    }

    /** Starts a gateway; when an address is taken, the error names the option that changes it. */
    Gateway explaining(ConfigReader.Loaded loaded, Start start) throws BindException, ConfigException {
        try {
            return start.start();
        } catch (BindException e) {
            String message = String.valueOf(e.getMessage());
            AdminConfig adminPort = loaded.config().admin();
            boolean isAdmin =
                    adminPort != null && message.contains(adminPort.address().toString());
            BindException explained =
                    new BindException(message + "; choose another with " + (isAdmin ? "--admin" : "--listen"));
            explained.initCause(e);
            throw explained;
        }
    }

    /** Starts a gateway. */
    interface Start {
        Gateway start() throws BindException, ConfigException;
    }
}
