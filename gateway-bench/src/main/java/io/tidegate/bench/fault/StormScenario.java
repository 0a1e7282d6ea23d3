package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.judge.Replies;
import io.tidegate.bench.fault.process.HostCounters;
import io.tidegate.bench.fault.process.UpstreamProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;

/**
 * Kills one of the endpoints that serve many sessions, and measures how long it takes until each has a reply again. The
 * others must take all dials that this brings about.
 */
final class StormScenario {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 100;
    private static final double ROUND_SECONDS = 2;

    private final Stage stage;
    private final Random random;
    private long killedNanos;

    StormScenario(Stage stage) {
        this.stage = stage;
        this.random = new Random(stage.config().seed());
    }

    void run() throws IOException, InterruptedException {
        Load load = stage.load();
        int clients = stage.config().traffic().clients();
        double perSecond = clients / ROUND_SECONDS;
        load.allow(clients, perSecond);
        load.awaitReplies(PATIENCE);
        stage.journal().readOn();
        UpstreamProcess victim =
                stage.upstreams().get(random.nextInt(stage.upstreams().size()));
        Map<Integer, Long> sessions = Map.copyOf(stage.journal().sessions());
        Map<String, Long> dropsBefore = HostCounters.listenDrops();
        killedNanos = System.nanoTime();
        victim.child().kill();
        stage.fault();

        // A round of messages after another, until each client has a reply to one that it sent after the kill.
        long allowed = load.sent();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (load.backSince(killedNanos) < clients && System.nanoTime() - deadline < 0) {
            if (load.sent() >= allowed) {
                allowed += clients;
                load.allow(allowed, perSecond);
            }
            Thread.sleep(POLL_MILLIS);
        }
        load.allow(load.sent(), perSecond);
        stage.settle();

        long lost = sessions.getOrDefault(victim.endpoint(), 0L);
        long moved = sum(stage.journal().sessions()) - sum(sessions);
        stage.figure("sessionsOpenedAtTheVictim", lost);
        stage.figure("sessionsOpenedAtSurvivors", moved);
        Map<String, Long> drops = HostCounters.listenDrops();
        drops.forEach((name, count) -> {
            long more = count - dropsBefore.getOrDefault(name, 0L);
            stage.figure("host" + name, more);
            if (more > 0) {
                stage.trouble(more + " connections dropped by a full accept queue (" + name + ")");
            }
        });
        if (lost == 0) {
            stage.trouble("the endpoint that was killed had no session (expected: its share of " + clients + ")");
        }
        dialsInVainAtSurvivors(victim);
        breakersOpenedAtSurvivors(victim);
    }

    /** Evaluates what clients wrote down; to be called when they have ended. */
    void judge(List<Replies> clients) {
        Histogram back = new Histogram(3);
        for (Replies client : clients) {
            long after = client.backAfter(killedNanos);
            if (after >= 0) {
                back.recordValue(after);
            }
        }
        stage.figure("clientsBack", back.getTotalCount());
        stage.figure("backMedianMillis", back.getValueAtPercentile(50) / 1_000_000);
        stage.figure("back99Millis", back.getValueAtPercentile(99) / 1_000_000);
        stage.figure("allBackMillis", back.getMaxValue() / 1_000_000);
        if (back.getTotalCount() < clients.size()) {
            stage.trouble(clients.size() - back.getTotalCount() + " clients had no reply within " + PATIENCE.toSeconds()
                    + " s after the kill");
        }
    }

    /** Each dial there brought a session, before and after the kill. */
    private void dialsInVainAtSurvivors(UpstreamProcess victim) throws IOException, InterruptedException {
        Map<String, Long> dials = stage.gateway().dials();
        long inVain = 0;
        for (UpstreamProcess upstream : stage.upstreams()) {
            if (upstream != victim) {
                long sessions = stage.journal().sessions().getOrDefault(upstream.endpoint(), 0L);
                inVain += dials.getOrDefault(upstream.uri().toString(), 0L) - sessions;
            }
        }
        stage.figure("dialsInVainAtSurvivors", inVain);
        if (inVain != 0) {
            stage.trouble("surviving endpoints were dialled " + inVain + " times more than they accepted sessions");
        }
    }

    private void breakersOpenedAtSurvivors(UpstreamProcess victim) throws IOException, InterruptedException {
        String dead = victim.uri().getAuthority();
        long opened = 0;
        for (Map.Entry<String, Double> metric : stage.gateway().metrics().entrySet()) {
            String name = metric.getKey();
            if (name.startsWith("tidegate_breaker_transitions_total")
                    && name.contains("to=\"open\"")
                    && !name.contains(dead)) {
                opened += metric.getValue().longValue();
            }
        }
        stage.figure("breakersOpenedAtSurvivors", opened);
        if (opened > 0) {
            stage.trouble("breakers of surviving endpoints opened " + opened + " times");
        }
    }

    private static long sum(Map<Integer, Long> counters) {
        return counters.values().stream().mapToLong(Long::longValue).sum();
    }
}
