package io.tidegate.server.cli;

import io.netty.util.NetUtil;
import io.tidegate.server.Gateway;
import io.tidegate.server.config.CommandLineConfig;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.demo.EchoUpstream;
import io.tidegate.server.demo.Traffic;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A gateway with something to do. */
@Command(name = "demo", description = "Run a gateway with an embedded echo upstream and a few clients, until Ctrl-C.")
final class DemoCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger("tidegate.demo");
    private static final int CLIENTS = 5;
    private static final int PERIOD_SECONDS = 10;
    private static final int OUTAGE_SECONDS = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private Addresses addresses = new Addresses();

    @Option(
            names = "--chaos",
            description = "Stop the upstream every " + PERIOD_SECONDS + " s, for " + OUTAGE_SECONDS
                    + " s, on a route that keeps its clients.")
    private boolean chaos;

    @Override
    public Integer call() throws ConfigException, BindException {
        EchoUpstream echo = EchoUpstream.start();
        ConfigReader.Loaded loaded = ConfigReader.load(
                new CommandLineConfig(
                        addresses.listen,
                        addresses.admin,
                        List.of(echo.uri().toString()),
                        chaos ? Continuity.RECONNECT : null,
                        addresses.logFormat),
                System.getenv());
        Gateway gateway = addresses.explaining(loaded, () -> GatewayProcess.start(loaded));
        URI uri = URI.create("ws://" + reachable(gateway.listeners().get(0)) + "/");
        Traffic traffic = Traffic.start(uri, CLIENTS);
        ScheduledExecutorService schedule = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "demo");
            thread.setDaemon(true);
            return thread;
        });
        explain(uri, gateway.admin());
        every(
                schedule,
                () -> LOG.info(
                        "{} messages sent, {} echoed, {} connects",
                        traffic.sent(),
                        traffic.echoed(),
                        traffic.connected()));
        if (chaos) {
            every(schedule, () -> outage(echo, schedule));
        }
        GatewayProcess.run(
                gateway,
                loaded.config(),
                () -> {
                    schedule.shutdownNow();
                    traffic.close();
                },
                echo::close);
        return ExitCode.FINE;
    }

    private static void every(ScheduledExecutorService schedule, Runnable task) {
        var unused = schedule.scheduleAtFixedRate(task, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private static void outage(EchoUpstream echo, ScheduledExecutorService schedule) {
        LOG.info("the upstream stops");
        echo.stop();
        var unused = schedule.schedule(
                () -> {
                    echo.restart();
                    LOG.info("the upstream is back");
                },
                OUTAGE_SECONDS,
                TimeUnit.SECONDS);
    }

    private void explain(URI gateway, @Nullable InetSocketAddress admin) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println(CLIENTS + " clients talk through the gateway to an echo server, one message a second each.");
        out.println();
        out.println("  talk to it    " + gateway + " with any WebSocket client; what you send comes back");
        if (admin != null) {
            out.println("  is it ready?  curl http://" + reachable(admin) + "/readyz");
            out.println("  its metrics   curl http://" + reachable(admin) + "/metrics");
        }
        out.println();
        if (chaos) {
            out.println("Every " + PERIOD_SECONDS + " s the echo server is gone for " + OUTAGE_SECONDS
                    + " s, without a word. " + "The route has continuity: reconnect,");
            out.println(
                    "so the clients stay connected, and what they send meanwhile waits. Watch the log: the number of");
            out.println("connects stays at " + CLIENTS
                    + ", and the echoes catch up when the server is back. A message that was on");
            out.println("its way when the server went may lack its echo.");
        } else {
            out.println("Add --chaos to see what happens when the echo server goes away.");
        }
        out.println();
        out.println("Ctrl-C ends the demo.");
        out.println();
        out.flush();
    }

    /** An address to connect to: one that listens on all interfaces is reached on loopback. */
    private static String reachable(InetSocketAddress address) {
        boolean any = address.getAddress() != null && address.getAddress().isAnyLocalAddress();
        return NetUtil.toSocketAddressString(
                any ? new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()) : address);
    }
}
