package io.tidegate.server.cli;

import ch.qos.logback.classic.LoggerContext;
import io.netty.util.NetUtil;
import io.tidegate.server.Gateway;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.log.LogSwitch;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway that is this process's purpose: says what it does, and ends in order when the process is told to. */
final class GatewayProcess {

    private static final Logger LOG = LoggerFactory.getLogger("tidegate");

    /** Shorter than what service managers wait before they kill. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(8);

    private GatewayProcess() {}

    /**
     * Starts a gateway.
     *
     * @throws ConfigException when the configuration asks for what this machine hasn't
     */
    static Gateway start(ConfigReader.Loaded loaded) throws BindException, ConfigException {
        LogSwitch.turn(loaded.config().log());
        for (Problem warning : loaded.warnings()) {
            LOG.warn("{}", warning.message());
        }
        return gateway(loaded.config());
    }

    /** Logs where a gateway listens, how it runs and what it routes. */
    private static void announce(Gateway gateway, GatewayConfig config) {
        LOG.info(
                "tidegate {}: {} upstreams, {} routes",
                Gateway.version(),
                config.upstreams().size(),
                config.routes().size());
        for (InetSocketAddress listener : gateway.listeners()) {
            LOG.info("listening on {}", NetUtil.toSocketAddressString(listener));
        }
        InetSocketAddress admin = gateway.admin();
        if (admin != null) {
            LOG.info("admin on http://{}", NetUtil.toSocketAddressString(admin));
        }
        LOG.info("transport {}, {} event loops", gateway.transport(), gateway.eventLoops());
        for (String route : ConfigSummary.routes(config)) {
            LOG.info("{}", route);
        }
    }

    private static Gateway gateway(GatewayConfig config) throws BindException, ConfigException {
        try {
            return Gateway.start(config);
        } catch (IllegalArgumentException e) {
            Origin here = Origin.named("this machine");
            Problem problem = new Problem(here, KeyPath.ROOT, String.valueOf(e.getMessage()), "", null);
            ConfigException invalid = new ConfigException(List.of(problem));
            invalid.initCause(e);
            throw invalid;
        }
    }

    /**
     * Says that the gateway runs, waits for SIGTERM, SIGINT or SIGHUP, then stops the gateway and ends the process with {@link ExitCode#FINE}. Never
     * returns.
     *
     * <p>After a signal the JVM exits with 128 + the signal's number, although an orderly end is what was asked for. Its
     * own way to say otherwise from a shutdown hook is to halt, so the hook does that when all is stopped. Nothing else
     * here relies on a hook of its own; the log is flushed first.
     *
     * @param config what it was started with
     * @param first what to stop before the gateway
     * @param last what to stop after it
     */
    static void runUntilSignal(Gateway gateway, GatewayConfig config, Runnable first, Runnable last)
            throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(gateway, first, last), "stop"));
        // Behind the hook: whoever reads that it runs may tell it to end.
        announce(gateway, config);
        new CountDownLatch(1).await();
    }

    private static void stop(Gateway gateway, Runnable first, Runnable last) {
        int code = ExitCode.INTERNAL;
        try {
            LOG.info("stopping");
            first.run();
            gateway.stop(STOP_TIMEOUT);
            last.run();
            LOG.info("stopped");
            code = ExitCode.FINE;
        } catch (RuntimeException e) {
            LOG.error("not stopped in order: {}", e.toString());
        } finally {
            if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
                context.stop();
            }
            Runtime.getRuntime().halt(code);
        }
    }
}
