package io.tidegate.bench.fault;

import io.tidegate.bench.fault.message.Form;
import io.tidegate.bench.fault.process.Namespace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code fault}: the command line of the fault scenarios. */
@Command(
        name = "fault",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Breaks upstreams behind a gateway, under load, and judges what became of each message.",
            "Gateway and upstreams are processes of their own. Every message bears a number, and upstreams write down what"
                    + " they read before they answer: what was lost, came twice or out of order is counted, not estimated."
        },
        footerHeading = "%nDurations: 500ms, 10s, 2m, 1h; a bare number is seconds.%n"
                + "Progress goes to stderr, the report to stdout. Ctrl-C ends all processes that were started.%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:what the continuity promises held, or the scenario can't be run here and was skipped",
            "1:something that was promised did not hold; the report says what",
            "64:wrong usage",
            "70:anything else",
            "130:interrupted"
        },
        exitCodeOnInvalidInput = FaultCommand.USAGE,
        exitCodeOnExecutionException = FaultCommand.SOFTWARE)
public final class FaultCommand implements Callable<Integer> {

    static final int BROKEN = 1;
    static final int USAGE = 64;
    static final int SOFTWARE = 70;

    private static final double DEFAULT_RATE = 5_000;
    private static final int DEFAULT_FILLER = 64;
    private static final int SLOW_FILLER = 8_192;
    private static final int SLOW_OFFER = 5_000;
    private static final int DEFAULT_WINDOW = 16;
    private static final int NO_WINDOW = 1 << 30;
    private static final String SKIPPED = "needs root and iproute2";

    @Option(
            names = "--scenario",
            required = true,
            paramLabel = "NAME",
            description = "kill, restart, pause, partition, slow or storm.")
    private String scenarioName;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Option(
            names = "--continuity",
            paramLabel = "MODE",
            defaultValue = "reconnect",
            description = "The route's continuity: close or reconnect. Default: reconnect.")
    private String continuity;

    @Option(
            names = "--confirm",
            paramLabel = "HOW",
            defaultValue = "none",
            description = "ping: deliveries are confirmed by pings, and clients send messages that nobody answers.")
    private String confirm;

    @Option(
            names = "--requests-protocol",
            paramLabel = "NAME",
            description =
                    "json-rpc, ocpp-j or none: the requests that clients send and the route tracks. Default: json-rpc"
                            + " with continuity reconnect, without --confirm, for kill, restart, pause and partition; else none,"
                            + " and clients send text that comes back.")
    private @Nullable String protocol;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "How often an upstream is broken. Default: kill 200, restart" + " 10, pause and partition 5.")
    private @Nullable Integer kills;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "Messages of all clients together. Default: kill 100000,"
                    + " restart 20000, pause and partition 10000. A storm sends as many as it takes; slow as many as all buffers"
                    + " take, which must be less than this, 5000 for each client by default.")
    private @Nullable Integer requests;

    @Option(names = "--clients", paramLabel = "N", description = "Connections. Default: 8; slow 1000, storm 9000.")
    private @Nullable Integer clients;

    @Option(
            names = "--endpoints",
            paramLabel = "N",
            description = "Upstream processes. Default: kill and restart 1, pause, partition and storm 2.")
    private @Nullable Integer endpoints;

    @Option(
            names = "--duration",
            paramLabel = "D",
            description = "Time over which messages are spread, outages not counted. Default: 5000 messages/s.")
    private @Nullable Duration duration;

    @Option(
            names = "--downtime",
            paramLabel = "D",
            description = "The longest time between breaking and mending; each is random. Default: 300ms; pause and"
                    + " partition 3s. An upstream process takes its time to start on top of it.")
    private @Nullable Duration downtime;

    @Option(names = "--window", paramLabel = "N", description = "Messages of a client without a reply. Default: 16.")
    private @Nullable Integer window;

    @Option(names = "--size", paramLabel = "B", description = "Bytes of filler in a message. Default: 64; slow 8192.")
    private @Nullable Integer size;

    @Option(
            names = "--queue-bytes",
            paramLabel = "B",
            defaultValue = "67108864",
            description = "The gateway's budget of all queues. Default: 64 MiB.")
    private long queueBytes;

    @Option(
            names = "--reconnect-rate",
            paramLabel = "R",
            defaultValue = "0",
            description = "Re-dials per second. Default: the gateway's.")
    private int reconnectRate;

    @Option(names = "--strict-pauses", description = "Pauses over twice the outage + 100 ms count as a broken promise.")
    private boolean strictPauses;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of what is random. Default: a new one; the report tells it.")
    private @Nullable Long seed;

    @Option(
            names = "--gateway",
            paramLabel = "JAR",
            description = "gateway-server.jar. Default: the one built next to this program, else the one inside it.")
    private @Nullable Path gateway;

    @Option(
            names = "--gateway-jvm",
            paramLabel = "OPTION",
            description = "An option for the gateway's JVM; repeatable.")
    private List<String> gatewayJvm = new ArrayList<>();

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Keep logs, journal and configuration, in a new directory in this one.")
    private @Nullable Path keep;

    @CommandLine.Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills the options before call
    public FaultCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        FaultConfig config = config();
        PrintWriter out = spec.commandLine().getOut();
        if (config.scenario() == Scenario.PARTITION && !Namespace.possible()) {
            out.println(json ? JsonReport.skipped(config.scenario(), SKIPPED) : "skipped: " + SKIPPED);
            out.flush();
            return 0;
        }
        Path directory = keep == null
                ? Files.createTempDirectory("gateway-fault")
                : Files.createTempDirectory(Files.createDirectories(keep), config.scenario() + "-");
        try {
            FaultReport report = new FaultRun(config, directory, this::progress).run();
            if (strictPauses) {
                report = report.strict();
            }
            if (json) {
                out.println(JsonReport.of(report));
            } else {
                TextReport.lines(report).forEach(out::println);
            }
            out.flush();
            return report.broken().isEmpty() ? 0 : BROKEN;
        } finally {
            if (keep == null) {
                delete(directory);
            }
        }
    }

    private void progress(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private FaultConfig config() {
        Scenario scenario = oneOf("scenario", scenarioName, Scenario.values());
        boolean reconnect = choice("continuity", continuity, "reconnect", "close");
        boolean confirmed = choice("confirm", confirm, "ping", "none");
        Form tracked = protocol(scenario, reconnect, confirmed);
        Form form = tracked != null ? tracked : confirmed && scenario.repeats() ? Form.MESSAGE : Form.ECHO;
        int count = or(clients, scenario.clients());
        int messages = or(requests, scenario == Scenario.SLOW ? count * SLOW_OFFER : scenario.messages());
        double perSecond = duration == null ? defaultRate(scenario) : messages / (duration.toNanos() / 1e9);
        try {
            return new FaultConfig(
                    scenario,
                    new FaultConfig.Route(reconnect, confirmed, tracked, queueBytes, reconnectRate),
                    new FaultConfig.Traffic(
                            count,
                            form,
                            messages,
                            perSecond,
                            or(window, scenario.repeats() ? DEFAULT_WINDOW : NO_WINDOW),
                            or(size, scenario == Scenario.SLOW ? SLOW_FILLER : DEFAULT_FILLER)),
                    or(kills, scenario.faults()),
                    or(endpoints, scenario.endpoints()),
                    downtime != null ? downtime : Duration.ofMillis(scenario.silent() ? 3_000 : 300),
                    seed != null ? seed : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE),
                    new FaultConfig.Gateway(gateway != null ? gateway : builtNextToThis(), gatewayJvm));
        } catch (IllegalArgumentException invalid) {
            throw wrong(String.valueOf(invalid.getMessage()));
        }
    }

    private static double defaultRate(Scenario scenario) {
        return scenario == Scenario.SLOW ? DEFAULT_RATE * 4 : DEFAULT_RATE;
    }

    private @Nullable Form protocol(Scenario scenario, boolean reconnect, boolean confirmed) {
        if (protocol == null) {
            return reconnect && !confirmed && scenario.repeats() ? Form.JSON_RPC : null;
        }
        return switch (protocol) {
            case "json-rpc" -> Form.JSON_RPC;
            case "ocpp-j" -> Form.OCPP_J;
            case "none" -> null;
            default -> throw wrong("requests-protocol: " + protocol + " (expected: json-rpc, ocpp-j or none)");
        };
    }

    private boolean choice(String name, String typed, String yes, String no) {
        if (!typed.equals(yes) && !typed.equals(no)) {
            throw wrong(name + ": " + typed + " (expected: " + yes + " or " + no + ")");
        }
        return typed.equals(yes);
    }

    private Scenario oneOf(String name, String typed, Scenario... values) {
        for (Scenario value : values) {
            if (value.toString().equals(typed.toLowerCase(Locale.ROOT))) {
                return value;
            }
        }
        throw wrong(name + ": " + typed + " (expected: kill, restart, pause, partition, slow or storm)");
    }

    private static int or(@Nullable Integer typed, int otherwise) {
        return typed == null ? otherwise : typed;
    }

    /** {@code gateway-server/target/gateway-server.jar} beside {@code gateway-bench/target/gateway-bench.jar}. */
    private static @Nullable Path builtNextToThis() {
        Path program = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path target = program.getParent();
        Path jar = target == null ? null : target.resolve("../../gateway-server/target/gateway-server.jar");
        return program.endsWith("gateway-bench.jar") && jar != null && Files.isRegularFile(jar)
                ? jar.normalize()
                : null;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
