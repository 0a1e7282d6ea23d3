package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.judge.Outage;
import io.tidegate.bench.fault.process.HostCounters;
import io.tidegate.bench.fault.process.UpstreamProcess;
import java.io.IOException;
import java.util.Map;

/**
 * An upstream is dead while its clients send on, and clients of another one don't read their replies: both at once, until
 * backpressure has reached everybody. Then the one is started and the others read, and all of it must get through.
 */
final class SlowScenario {

    private static final int ONE_IN = 20;
    private static final long STILL_NANOS = 2_000_000_000L;
    private static final long POLL_MILLIS = 100;

    /** So many times the budget is more than all who wait for the dead upstream have room for. */
    private static final int ENOUGH = 2;

    /** Room for less than a message may be left in each budget. */
    private static final double NEARLY = 0.9;

    private final Stage stage;
    private long peakQueued = -1;
    private long peakBuffered = -1;

    SlowScenario(Stage stage) {
        this.stage = stage;
    }

    /** Whether a client is one of those that don't read. */
    static boolean isSlow(int client) {
        return client % ONE_IN == 0;
    }

    void run() throws IOException, InterruptedException {
        Load load = stage.load();
        FaultConfig.Traffic traffic = stage.config().traffic();
        UpstreamProcess victim = stage.upstreams().get(0);
        long from = System.nanoTime();
        victim.child().kill();
        stage.fault();
        reading(false);
        load.allow(traffic.messages(), traffic.perSecond());
        awaitStandstill();
        stage.figure("sentUntilStandstill", load.sent());
        victim.start();
        stage.outage(new Outage(victim.endpoint(), from, System.nanoTime()));
        reading(true);
        boolean all = stage.settle();
        sample();
        if (!all) {
            stage.trouble("only " + load.sent() + " of " + traffic.messages() + " messages could be sent");
        } else if (load.settled() < load.sent()) {
            // Nothing was sent before the upstream died, so nothing was written to a leg that was lost.
            stage.trouble((load.sent() - load.settled()) + " messages without a reply (expected: none)");
        }
        report();
    }

    private void reading(boolean on) {
        for (int i = 0; i < stage.config().traffic().clients(); i++) {
            if (isSlow(i)) {
                stage.load().read(i, on);
            }
        }
    }

    /** Waits until nobody can send any more, or all was sent. */
    private void awaitStandstill() throws IOException, InterruptedException {
        long before = -1;
        long moved = System.nanoTime();
        while (System.nanoTime() - moved < STILL_NANOS) {
            long sent = stage.load().sent();
            if (sent != before) {
                before = sent;
                moved = System.nanoTime();
            }
            sample();
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void sample() throws IOException, InterruptedException {
        Map<String, Double> metrics = stage.gateway().metrics();
        peakQueued = Math.max(peakQueued, sum(metrics, "tidegate_queue_bytes"));
        peakBuffered = Math.max(peakBuffered, sum(metrics, "tidegate_buffered_bytes"));
    }

    private void report() throws IOException {
        long budget = stage.config().route().queueBytes();
        stage.figure("queueBudgetBytes", budget);
        stage.figure("peakQueueBytes", peakQueued);
        stage.figure("peakBufferedBytes", peakBuffered);
        stage.figure(
                "peakResidentBytes",
                HostCounters.peakResident(stage.gateway().child().pid()));
        judge("tidegate_queue_bytes", peakQueued, budget);
        judge("tidegate_buffered_bytes", peakBuffered, budget);
        FaultConfig.Traffic traffic = stage.config().traffic();
        boolean isEnough = (long) traffic.messages() * traffic.filler() > ENOUGH * budget;
        if (isEnough && peakBuffered < NEARLY * budget) {
            stage.trouble("tidegate_buffered_bytes: " + peakBuffered + " at most (expected: nearly " + budget
                    + ", as more than that was sent: nobody was held back)");
        }
    }

    private void judge(String metric, long peak, long budget) {
        if (peak < 0) {
            stage.trouble(metric + ": missing (expected: one of the gateway's metrics)");
        } else if (peak > budget) {
            stage.trouble(metric + ": " + peak + " (expected: at most " + budget + ")");
        }
    }

    /** The sum of a metric's series; negative when there is none. */
    private static long sum(Map<String, Double> metrics, String name) {
        double sum = -1;
        for (Map.Entry<String, Double> metric : metrics.entrySet()) {
            String key = metric.getKey();
            if (key.equals(name) || key.startsWith(name + "{")) {
                sum = Math.max(0, sum) + metric.getValue();
            }
        }
        return (long) sum;
    }
}
