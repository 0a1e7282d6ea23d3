package io.tidegate.bench.load;

import io.tidegate.bench.load.Traffic.Mode;
import java.io.FileNotFoundException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code load}: the command line of the load generator. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Puts a WebSocket echo service under load and measures it.",
            "With --rate, messages are sent on a fixed schedule and latency counts from the moment each was due, so that"
                    + " a stall is counted in full (no coordinated omission). With --in-flight, or --rate 0, each echo"
                    + " triggers the next message: that measures throughput, and its latencies are NOT free of"
                    + " coordinated omission."
        },
        footerHeading = "%nDurations: 500ms, 10s, 2m, 1h; a bare number is seconds.%n"
                + "Progress goes to stderr, the summary to stdout. Ctrl-C ends the run early and still prints it.%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is fine",
            "1:messages were lost, unsent, duplicated, reordered, corrupted or answered by an error, or connections failed or closed",
            "64:wrong usage",
            "69:not one connection could be opened",
            "70:anything else",
            "130:interrupted"
        },
        exitCodeOnInvalidInput = LoadCommand.USAGE,
        exitCodeOnExecutionException = LoadCommand.SOFTWARE)
public final class LoadCommand implements Callable<Integer> {

    static final int FLAWED = 1;
    static final int USAGE = 64;
    static final int UNAVAILABLE = 69;
    static final int SOFTWARE = 70;

    private static final double DEFAULT_RATE = 1_000;

    @Option(names = "--url", required = true, paramLabel = "WS_URL", description = "ws://HOST[:PORT][/PATH] or wss://…")
    private String url;

    @Option(names = "--connections", paramLabel = "N", defaultValue = "10", description = "Connections. Default: 10.")
    private int connections;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "Messages per second, of all connections together. Default: 1000; 0 = closed loop.")
    private @Nullable Double rate;

    @Option(
            names = "--in-flight",
            paramLabel = "K",
            description = "Closed loop: keep K messages under way on each connection. Default with --rate 0: 1.")
    private @Nullable Integer inFlight;

    @Option(names = "--idle", description = "Send nothing: hold the connections, and report how many stayed open.")
    private boolean idle;

    @Option(names = "--duration", paramLabel = "D", defaultValue = "10s", description = "Measured time. Default: 10s.")
    private Duration duration;

    @Option(names = "--warmup", paramLabel = "D", defaultValue = "0s", description = "Unmeasured time before it.")
    private Duration warmup;

    @Option(
            names = "--linger",
            paramLabel = "D",
            defaultValue = "2s",
            description = "How long to wait for missing echoes at the end. Default: 2s.")
    private Duration linger;

    @Option(names = "--size", paramLabel = "B", defaultValue = "128", description = "Bytes per message. Default: 128.")
    private int size;

    @Option(names = "--json-rpc", description = "Send JSON-RPC requests with fresh ids; match replies by id.")
    private boolean jsonRpc;

    @Option(names = "--binary", description = "Send binary messages instead of text.")
    private boolean binary;

    @Option(
            names = "--connect-rate",
            paramLabel = "R",
            defaultValue = "0",
            description = "Connects per second. Default: as fast as they succeed.")
    private double connectRate;

    @Option(
            names = "--connect-concurrency",
            paramLabel = "N",
            defaultValue = "200",
            description = "Connects under way at a time. Default: 200.")
    private int connectConcurrency;

    @Option(
            names = "--connect-timeout",
            paramLabel = "D",
            defaultValue = "10s",
            description = "For dialling and handshake. Default: 10s.")
    private Duration connectTimeout;

    @Option(names = "--header", paramLabel = "NAME:VALUE", description = "A request header; may be repeated.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--insecure", description = "Accept any certificate (wss).")
    private boolean insecure;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Event loops. Default: 1.")
    private int threads;

    @Option(names = "--hlog", paramLabel = "FILE", description = "Write an HdrHistogram interval log, in nanoseconds.")
    private @Nullable Path hlog;

    @Option(names = "--json", description = "Print the summary as one JSON object.")
    private boolean json;

    @CommandLine.Spec
    private CommandSpec spec;

    /** Made by picocli, which fills the fields before {@link #call}. */
    @SuppressWarnings("NullAway.Init")
    public LoadCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        LoadConfig config = config();
        PrintWriter err = spec.commandLine().getErr();
        try (IntervalLog log = hlog == null ? null : new IntervalLog(hlog)) {
            int code = run(config, log, err);
            if (log != null && log.failed()) {
                err.println("load: can't write " + hlog);
                return SOFTWARE;
            }
            return code;
        } catch (FileNotFoundException unwritable) {
            throw wrong("hlog: " + unwritable.getMessage() + " (expected: a file that can be written)");
        } catch (CannotConnectException unreachable) {
            err.println("load: " + unreachable.getMessage());
            return UNAVAILABLE;
        }
    }

    private int run(LoadConfig config, @Nullable IntervalLog log, PrintWriter err)
            throws CannotConnectException, InterruptedException {
        LoadRun run = new LoadRun(config, sample -> {
            if (sample.phase() != Sample.Phase.LINGER) {
                err.println(TextReport.line(sample, config.traffic().mode()));
                err.flush();
            }
            if (log != null) {
                log.accept(sample);
            }
        });
        CountDownLatch printed = new CountDownLatch(1);
        Thread interruption = new Thread(() -> endEarly(run, printed), "interruption");
        Runtime.getRuntime().addShutdownHook(interruption);
        try {
            LoadReport report = run.run();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JsonReport.of(report));
                out.flush();
            } else {
                new TextReport(out).print(report);
            }
            return report.flawless() ? 0 : FLAWED;
        } finally {
            printed.countDown();
            remove(interruption);
        }
    }

    /** On Ctrl-C: ends the run and gives it time to print what it has. */
    private static void endEarly(LoadRun run, CountDownLatch printed) {
        run.stop();
        try {
            printed.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // it is running: nothing to remove
        }
    }

    private LoadConfig config() {
        try {
            return new LoadConfig(
                    new Target(uri(), headers.stream().map(this::header).toList(), insecure),
                    new Opening(connections, connectRate, connectConcurrency, connectTimeout),
                    traffic(),
                    new Phases(warmup, duration, linger),
                    threads);
        } catch (IllegalArgumentException invalid) {
            throw wrong(String.valueOf(invalid.getMessage()));
        }
    }

    private Traffic traffic() {
        if (idle) {
            if (rate != null || inFlight != null || jsonRpc) {
                throw wrong("--idle sends nothing (expected: no --rate, --in-flight or --json-rpc)");
            }
            return Traffic.idle();
        }
        boolean closedLoop = inFlight != null || (rate != null && rate == 0);
        if (inFlight != null && rate != null && rate != 0) {
            throw wrong("--in-flight is the closed loop and --rate the open one (expected: one of them)");
        }
        return closedLoop
                ? new Traffic(Mode.CLOSED_LOOP, 0, inFlight == null ? 1 : inFlight, size, jsonRpc, binary)
                : new Traffic(Mode.OPEN_LOOP, rate == null ? DEFAULT_RATE : rate, 0, size, jsonRpc, binary);
    }

    private URI uri() {
        try {
            return new URI(url);
        } catch (URISyntaxException invalid) {
            throw wrong("url: " + url + " (expected: ws://HOST[:PORT][/PATH] or wss://…)");
        }
    }

    private Map.Entry<String, String> header(String typed) {
        int colon = typed.indexOf(':');
        if (colon < 1) {
            throw wrong("header: " + typed + " (expected: NAME:VALUE)");
        }
        return Map.entry(
                typed.substring(0, colon).strip(), typed.substring(colon + 1).strip());
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
