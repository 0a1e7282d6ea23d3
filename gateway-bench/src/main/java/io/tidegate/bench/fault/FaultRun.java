package io.tidegate.bench.fault;

import io.tidegate.bench.fault.judge.Accounting;
import io.tidegate.bench.fault.judge.Alarms;
import io.tidegate.bench.fault.judge.Books;
import io.tidegate.bench.fault.judge.Findings;
import io.tidegate.bench.fault.judge.Recovery;
import io.tidegate.bench.fault.process.Children;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run: starts everything, breaks what the scenario breaks, waits until all has settled, ends everything, judges.
 *
 * <p><b>Threads:</b> {@link #run} blocks its caller until the run is over.
 */
@SuppressWarnings("FutureReturnValueIgnored") // progress lines, until the reporter ends
final class FaultRun {

    private static final long BOOKS_NANOS = 10_000_000_000L;
    private static final long POLL_MILLIS = 100;

    private final FaultConfig config;
    private final Path directory;
    private final Consumer<String> progress;

    /**
     * @param directory where files go, empty
     * @param progress takes a line each second, on a thread of its own
     */
    FaultRun(FaultConfig config, Path directory, Consumer<String> progress) {
        this.config = config;
        this.directory = directory;
        this.progress = progress;
    }

    FaultReport run() throws IOException, InterruptedException {
        try (Children children = new Children()) {
            Stage stage = new Stage(config, children, directory);
            ScheduledExecutorService reporter = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "progress");
                thread.setDaemon(true);
                return thread;
            });
            try (stage) {
                reporter.scheduleAtFixedRate(() -> progress.accept(stage.progress()), 1, 1, TimeUnit.SECONDS);
                return play(stage);
            } finally {
                reporter.shutdownNow();
            }
        }
    }

    private FaultReport play(Stage stage) throws IOException, InterruptedException {
        StormScenario storm = new StormScenario(stage);
        SlowScenario slow = new SlowScenario(stage);
        switch (config.scenario()) {
            case SLOW -> slow.run();
            case STORM -> storm.run();
            default -> new RepeatedFaults(stage).run();
        }
        Map<String, Accounting> books = books(stage);
        boolean survived = stage.gateway().child().alive();
        stage.close();
        if (config.scenario() == Scenario.STORM) {
            storm.judge(stage.load().replies());
        }
        Findings findings = Findings.of(
                stage.load().replies(),
                stage.deliveries(),
                config.traffic().form().answered(),
                stage.load().closes(),
                stage.load().refusals());
        if (config.scenario() == Scenario.SLOW) {
            slow.judge(findings);
        }
        List<String> broken = new ArrayList<>(config.route().promise().broken(findings));
        broken.addAll(stage.troubles());
        if (survived) {
            broken.addAll(Books.broken(books, findings, config.route().reconnect()));
            stage.gateway().child().terminate(); // it may have something to say about its end, too
        } else {
            broken.add("the gateway ended");
        }
        broken.addAll(Alarms.in(stage.gateway().child().log()));
        if (!config.route().reconnect() && config.scenario() == Scenario.RESTART) {
            findings.client().closes().forEach((code, count) -> {
                if (!code.equals(Integer.toString(Stage.RESTARTING))) {
                    broken.add(count + " client legs closed with " + code + " (expected: the upstream's "
                            + Stage.RESTARTING + ")");
                }
            });
        }
        Recovery recovery = Recovery.of(stage.load().replies(), stage.outages());
        return new FaultReport(config, findings, recovery, books, stage.figures(), broken);
    }

    /** The gateway's books once nothing is under way, or as they are when that doesn't come about. */
    private static Map<String, Accounting> books(Stage stage) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + BOOKS_NANOS;
        if (!stage.gateway().child().alive()) {
            return Map.of();
        }
        Map<String, Accounting> books = stage.gateway().accounting();
        while (!books.values().stream().allMatch(book -> book.settled() && book.unaccounted() == 0)
                && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
            books = stage.gateway().accounting();
        }
        return books;
    }
}
