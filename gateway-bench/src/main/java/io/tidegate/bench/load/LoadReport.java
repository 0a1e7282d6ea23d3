package io.tidegate.bench.load;

import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run found.
 *
 * @param config what was run
 * @param connections what became of the connections
 * @param messages what became of the messages, warm-up included
 * @param measured how long was measured
 * @param latency of the measured messages, in nanoseconds
 * @param sendDelay from due to written of the measured messages, in nanoseconds; part of the latency
 * @param generator what the generator itself was and used
 * @param interrupted whether it was stopped before its time
 */
public record LoadReport(
        LoadConfig config,
        Connections connections,
        Messages messages,
        Duration measured,
        Histogram latency,
        Histogram sendDelay,
        Generator generator,
        boolean interrupted) {

    /**
     * What became of the connections.
     *
     * @param connected how many opened
     * @param open how many were open when the run was over
     * @param failed how many did not open, by reason
     * @param closed how many ended before the run did, by close code
     * @param took from the first dial to the last one's end
     * @param handshake from dialled to upgraded, in nanoseconds
     */
    public record Connections(
            long connected,
            int open,
            Map<String, Long> failed,
            Map<String, Long> closed,
            Duration took,
            Histogram handshake) {

        /** Whether each opened and stayed open. */
        public boolean flawless() {
            return failed.isEmpty() && closed.isEmpty();
        }
    }

    /**
     * What the generator was and used.
     *
     * @param transport epoll or NIO
     * @param loops event loops
     * @param cpu CPU time of the process while it measured, its compilers included
     */
    public record Generator(String transport, int loops, Duration cpu) {}

    /** Whether nothing was lost, doubled, out of order, damaged, refused or closed. */
    public boolean flawless() {
        return messages.flawless() && connections.flawless();
    }

    /** Measured messages whose echo arrived, per second. */
    public double perSecond() {
        double seconds = measured.toNanos() / 1e9;
        return seconds == 0 ? 0 : latency.getTotalCount() / seconds;
    }
}
