package io.tidegate.server.cli;

import io.netty.util.NetUtil;
import io.tidegate.server.Gateway;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.document.KeyPath;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problem;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import io.tidegate.server.log.LogSwitch;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway that is this process's purpose: says what it does, and ends in order when the process is told to. */
final class GatewayProcess {

    private static final Logger LOG = LoggerFactory.getLogger("tidegate");

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
        return gateway(loaded);
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

    private static Gateway gateway(ConfigReader.Loaded loaded) throws BindException, ConfigException {
        try {
            return Gateway.start(loaded);
        } catch (IllegalArgumentException e) {
            Origin here = Origin.named("this machine");
            Problem problem = new Problem(here, KeyPath.ROOT, String.valueOf(e.getMessage()), "", null);
            ConfigException invalid = new ConfigException(List.of(problem));
            invalid.initCause(e);
            throw invalid;
        }
    }

    /**
     * Says that the gateway runs, and returns when it has ended: after SIGTERM, SIGINT, SIGHUP or an operator's order it drains
     * first; a second signal makes short work of that.
     *
     * @param config what it was started with
     * @param first what to stop before the gateway
     * @param last what to stop after it
     */
    static void run(Gateway gateway, GatewayConfig config, Runnable first, Runnable last) {
        AtomicInteger signals = new AtomicInteger();
        for (String signal : List.of("TERM", "INT", "HUP")) {
            Signals.handle(signal, name -> end(gateway, name, signals.getAndIncrement(), first));
        }
        // Behind the handlers: whoever reads that it runs may tell it to end.
        announce(gateway, config);
        DrainSummary summary = gateway.drained().block();
        if (summary != null) {
            tell(summary);
        }
        gateway.close();
        last.run();
        LOG.info("stopped");
    }

    /** @param before how many signals came before this one; an operator's order is none of them */
    private static void end(Gateway gateway, String signal, int before, Runnable first) {
        if (before == 0) {
            try {
                first.run();
            } finally {
                gateway.drain();
            }
            LOG.info("SIG{}: draining; again, and sessions are closed at once", signal);
        } else {
            Drain drain = gateway.drain();
            LOG.info("SIG{}: {} sessions are closed now", signal, drain.remaining());
            drain.hurry();
        }
    }

    private static void tell(DrainSummary summary) {
        LOG.atInfo()
                .addKeyValue("closed", summary.closed())
                .addKeyValue("peerClosed", summary.peerClosed())
                .addKeyValue("forced", summary.forced())
                .addKeyValue("durationMillis", summary.duration().toMillis())
                .addKeyValue("flushed", summary.flushed())
                .addKeyValue("dropped", summary.dropped())
                .addKeyValue("tasksStopped", summary.tasks())
                .log("{}", summary.text());
    }
}
