package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.judge.Replies;
import io.tidegate.bench.fault.process.GatewayStats;
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
 * others must take all dials that this brings about: each dial brings a session, as many as were lost, and no breaker moves.
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
        if (!load.awaitSent(clients, PATIENCE) || !load.awaitReplies(PATIENCE)) {
            stage.trouble(
                    "only " + load.settled() + " of " + clients + " messages had a reply before anything was broken");
        }
        stage.journal().readOn();
        UpstreamProcess victim =
                stage.upstreams().get(random.nextInt(stage.upstreams().size()));
        Map<Integer, Long> sessions = Map.copyOf(stage.journal().sessions());
        GatewayStats before = stage.gateway().stats();
        Map<String, Long> dropsBefore = HostCounters.listenDrops();
        long allowed = load.sent() + clients;
        load.allow(allowed, perSecond); // so that some are on their way
        killedNanos = System.nanoTime();
        victim.child().kill();
        stage.fault();

        // A round of messages after another, until each client has a reply to one that it sent after the kill.
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (load.backSince(killedNanos) < clients && System.nanoTime() - deadline < 0) {
            if (load.sent() >= allowed) {
                allowed += clients;
                load.allow(allowed, perSecond);
            }
            Thread.sleep(POLL_MILLIS);
        }
        allowed = load.sent();
        load.allow(allowed, perSecond);
        stage.settle(allowed);

        survivors(victim, sessions, before);
        Map<String, Long> drops = HostCounters.listenDrops();
        drops.forEach((name, count) -> {
            long more = count - dropsBefore.getOrDefault(name, 0L);
            stage.figure("host" + name, more);
            if (more > 0) {
                stage.trouble(more + " connections dropped by a full accept queue (" + name + ")");
            }
        });
    }

    /** What the others had to take, from the journal and from the gateway. */
    private void survivors(UpstreamProcess victim, Map<Integer, Long> sessions, GatewayStats before)
            throws IOException, InterruptedException {
        long lost = sessions.getOrDefault(victim.endpoint(), 0L);
        long moved = 0;
        long dials = 0;
        long transitions = 0;
        GatewayStats after = stage.gateway().stats();
        for (UpstreamProcess survivor : stage.upstreams()) {
            if (survivor != victim) {
                String address = survivor.uri().toString();
                moved += stage.journal().sessions().getOrDefault(survivor.endpoint(), 0L)
                        - sessions.getOrDefault(survivor.endpoint(), 0L);
                dials += after.endpoint(address).dials()
                        - before.endpoint(address).dials();
                transitions += after.endpoint(address).breakerTransitions();
            }
        }
        stage.figure("sessionsOpenedAtTheVictim", lost);
        stage.figure("sessionsOpenedAtSurvivors", moved);
        stage.figure("dialsAtSurvivors", dials);
        stage.figure("breakerTransitionsAtSurvivors", transitions);
        if (lost == 0) {
            stage.trouble("the endpoint that was killed had no session");
        }
        if (stage.config().route().reconnect() && moved != lost) {
            stage.trouble(moved + " sessions opened at survivors (expected: the " + lost + " that were lost)");
        }
        if (dials != moved) {
            stage.trouble(dials + " dials to survivors (expected: one for each of " + moved + " sessions)");
        }
        if (transitions > 0) {
            stage.trouble("breakers of surviving endpoints moved " + transitions + " times");
        }
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
}
