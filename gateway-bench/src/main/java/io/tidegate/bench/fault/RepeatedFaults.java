package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.judge.Outage;
import io.tidegate.bench.fault.process.UpstreamProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/**
 * Breaks an upstream, again and again, at moments chosen at random, and mends it after a time chosen at random.
 *
 * <p>Each fault has its share of the messages, and comes when a random part of that share was sent: so there are always
 * messages on their way, before, during and after it, however long an upstream takes to start.
 */
final class RepeatedFaults {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LEAST_DOWN_MILLIS = 1;

    private final Stage stage;
    private final Random random;

    RepeatedFaults(Stage stage) {
        this.stage = stage;
        this.random = new Random(stage.config().seed());
    }

    void run() throws IOException, InterruptedException {
        FaultConfig config = stage.config();
        Load load = stage.load();
        double perSecond = config.traffic().perSecond();
        long messages = config.traffic().messages();
        long before = 0;
        for (int fault = 1; fault <= config.faults(); fault++) {
            long until = messages * fault / config.faults();
            load.allow(until, perSecond);
            long moment = random.nextLong(before, until + 1);
            if (!load.awaitSent(moment, PATIENCE)) {
                stage.trouble("clients could send nothing for " + PATIENCE.toSeconds() + " s");
                break;
            }
            if (!config.traffic().form().answered() && !stage.awaitRead(moment, PATIENCE)) {
                stage.trouble("upstreams read nothing for " + PATIENCE.toSeconds() + " s");
                break;
            }
            strike();
            before = until;
        }
        load.allow(messages, perSecond);
        if (!stage.settle(messages)) {
            stage.trouble("only " + load.sent() + " of " + messages + " messages could be sent");
        }
    }

    private void strike() throws IOException, InterruptedException {
        int count = stage.config().scenario() == Scenario.PARTITION
                ? 1 // only the first one can be cut off
                : stage.upstreams().size();
        UpstreamProcess victim = stage.upstreams().get(random.nextInt(count));
        long downMillis = random.nextLong(
                LEAST_DOWN_MILLIS,
                Math.max(LEAST_DOWN_MILLIS, stage.config().downtime().toMillis()) + 1);
        long from = System.nanoTime();
        breakIt(victim);
        stage.fault();
        Thread.sleep(downMillis);
        mend(victim);
        stage.outage(new Outage(victim.endpoint(), from, System.nanoTime()));
    }

    private void breakIt(UpstreamProcess victim) throws IOException {
        switch (stage.config().scenario()) {
            case KILL -> victim.child().kill();
            case RESTART -> victim.child().terminate();
            case PAUSE -> victim.child().pause();
            case PARTITION -> stage.namespace().cut();
            case SLOW, STORM -> throw new IllegalStateException("scenario: not one that repeats");
        }
    }

    private void mend(UpstreamProcess victim) throws IOException {
        switch (stage.config().scenario()) {
            case PAUSE -> victim.child().resume();
            case PARTITION -> stage.namespace().mend();
            default -> victim.start();
        }
    }
}
