package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.judge.Findings;
import io.tidegate.bench.fault.judge.Outage;
import io.tidegate.bench.fault.process.HostCounters;
import io.tidegate.bench.fault.process.UpstreamProcess;
import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An upstream is dead while its clients send on, and clients of another one don't read their replies: both at once, until
 * backpressure has reached everybody. Then the one is started and the others read, and all of it must get through, and a
 * message more for each client.
 *
 * <p>How much all the buffers on the way take is the kernel's business, so more is offered than they can hold; of it, what
 * nobody could send is left unsent.
 */
final class SlowScenario {

    private static final int ONE_IN = 20;
    private static final long STILL_NANOS = 2_000_000_000L;
    private static final long LOSS_NANOS = 20_000_000_000L;
    private static final long POLL_MILLIS = 100;
    /** A queue's defaults. */
    private static final int SESSION_MESSAGES = 1000;

    private static final long SESSION_BYTES = 1 << 20;
    /** Room for less than a message may be left in each queue. */
    private static final double NEARLY = 0.9;

    private static final String QUEUED = "tidegate_queue_bytes";
    private static final String BUFFERED = "tidegate_buffered_bytes";

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
        awaitLoss();
        load.allow(traffic.messages(), traffic.perSecond());
        if (!awaitStandstill()) {
            stage.trouble("clients could send all of " + traffic.messages() + " messages: nobody was held back"
                    + " (more --requests, or a larger --size)");
        }
        stage.figure("offered", traffic.messages());
        long atStandstill = load.sent();
        stage.figure("sentUntilStandstill", atStandstill);
        long messages = atStandstill + traffic.clients();
        load.allow(messages, traffic.perSecond());
        victim.start();
        stage.outage(new Outage(victim.endpoint(), from, System.nanoTime()));
        reading(true);
        boolean all = stage.settle(messages);
        sample();
        if (!all) {
            stage.trouble("only " + load.sent() + " of " + messages + " messages could be sent");
        }
        report();
    }

    /** Evaluates what became of the messages: none was on its way to a leg when that was lost, so none may be missing. */
    void judge(Findings findings) {
        long missing = findings.client().lost() + findings.upstream().missing();
        if (stage.config().route().reconnect() && missing > 0) {
            stage.trouble("messages were lost: " + findings.client().lost() + " without a reply, "
                    + findings.upstream().missing() + " that no upstream read");
        }
    }

    /** Waits until sessions know that their upstream is dead: what is written to a dying leg may be lost, rightly. */
    private void awaitLoss() throws IOException, InterruptedException {
        long dead = dead();
        long deadline = System.nanoTime() + LOSS_NANOS;
        while (stage.config().route().reconnect() && stage.gateway().stats().reconnecting() < dead) {
            if (System.nanoTime() - deadline >= 0) {
                stage.trouble("only " + stage.gateway().stats().reconnecting() + " of " + dead
                        + " sessions noticed that their upstream is dead");
                return;
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** What the queues of all clients whose upstream is dead may hold, in bytes, if the budget doesn't end before. */
    private long room() {
        long messages = (long) SESSION_MESSAGES * stage.config().traffic().filler();
        return dead() * Math.min(SESSION_BYTES, messages);
    }

    /** Clients whose upstream is dead. */
    private long dead() {
        return IntStream.range(0, stage.config().traffic().clients())
                .filter(client -> !isSlow(client))
                .count();
    }

    private void reading(boolean on) {
        for (int i = 0; i < stage.config().traffic().clients(); i++) {
            if (isSlow(i)) {
                stage.load().read(i, on);
            }
        }
    }

    /** Waits until nobody can send any more, or all was sent; returns whether it came to a standstill before that. */
    private boolean awaitStandstill() throws IOException, InterruptedException {
        Load load = stage.load();
        long before = -1;
        long moved = System.nanoTime();
        while (System.nanoTime() - moved < STILL_NANOS) {
            long sent = load.sent();
            if (sent >= stage.config().traffic().messages()) {
                return false;
            }
            if (sent != before || !load.heldBack()) {
                before = sent;
                moved = System.nanoTime();
            }
            sample();
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    private void sample() throws IOException, InterruptedException {
        Map<String, Double> metrics = stage.gateway().metrics();
        peakQueued = Math.max(peakQueued, sum(metrics, QUEUED));
        peakBuffered = Math.max(peakBuffered, sum(metrics, BUFFERED));
    }

    private void report() throws IOException, InterruptedException {
        long budget = stage.config().route().queueBytes();
        stage.figure("queueBudgetBytes", budget);
        stage.figure("peakQueueBytes", peakQueued);
        stage.figure("peakBufferedBytes", peakBuffered);
        stage.figure(
                "peakResidentBytes",
                HostCounters.peakResident(stage.gateway().child().pid()));
        long unasked = stage.gateway().stats().reconnecting() - dead();
        if (stage.config().route().reconnect() && unasked > 0) {
            stage.trouble(unasked + " upstream legs were lost that nobody broke");
        }
        judge(QUEUED, peakQueued, budget);
        judge(BUFFERED, peakBuffered, budget);
    }

    private void judge(String metric, long peak, long budget) {
        long room = Math.min(budget, room());
        if (peak < 0) {
            stage.trouble(metric + ": missing (expected: one of the gateway's metrics)");
        } else if (peak > budget || (stage.config().route().reconnect() && peak < NEARLY * room)) {
            stage.trouble(metric + ": " + peak + " at most (expected: nearly the " + room
                    + " that there is room for, and no more than " + budget + ")");
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
