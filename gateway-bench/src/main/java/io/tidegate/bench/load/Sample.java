package io.tidegate.bench.load;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * One second of a run, for those who watch it.
 *
 * @param phase what the run was doing
 * @param elapsed since the run's first message was due; zero while connecting
 * @param total connections asked for
 * @param connected connections opened so far
 * @param open connections open now
 * @param messages what became of the messages so far
 * @param latency of the messages measured in this second, with its start and end in milliseconds since 1970;
 *     only lent
 */
public record Sample(
        Phase phase, Duration elapsed, int total, long connected, int open, Messages messages, Histogram latency) {

    /** What a run does, one after another. */
    public enum Phase {
        /** Opens connections. */
        CONNECT,
        /** Sends and doesn't measure. */
        WARM_UP,
        /** Sends and measures. */
        MEASURE,
        /** Waits for missing echoes. */
        LINGER
    }

    /** Takes the samples of a run, on the run's thread. */
    @FunctionalInterface
    public interface Watcher {

        /** A second, or the rest of one at the end of a phase, has passed. */
        void accept(Sample sample);
    }
}
