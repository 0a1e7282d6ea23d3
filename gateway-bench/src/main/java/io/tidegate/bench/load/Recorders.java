package io.tidegate.bench.load;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The histograms of one event loop, in nanoseconds up to an hour with three digits.
 *
 * <p><b>Threads:</b> the loop records, wait-free; one other thread reads. <b>Memory:</b> about 1 MB.
 */
final class Recorders {

    private static final long LONGEST = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    private final SingleWriterRecorder latency = new SingleWriterRecorder(1, LONGEST, DIGITS);
    private final SingleWriterRecorder sendDelay = new SingleWriterRecorder(1, LONGEST, DIGITS);
    private final SingleWriterRecorder handshake = new SingleWriterRecorder(1, LONGEST, DIGITS);
    private @Nullable Histogram latencyRead;
    private @Nullable Histogram sendDelayRead;

    /** An empty histogram of the shape that is recorded. */
    static Histogram empty() {
        return new Histogram(1, LONGEST, DIGITS);
    }

    /** Records due to echoed. */
    void latency(long nanos) {
        latency.recordValue(clamp(nanos));
    }

    /** Records due to written. */
    void sendDelay(long nanos) {
        sendDelay.recordValue(clamp(nanos));
    }

    /** Records dialled to 101. */
    void handshake(long nanos) {
        handshake.recordValue(clamp(nanos));
    }

    /** Adds the latencies since the last call. */
    void takeLatency(Histogram into) {
        latencyRead = latency.getIntervalHistogram(latencyRead);
        into.add(latencyRead);
    }

    /** Adds the send delays since the last call. */
    void takeSendDelay(Histogram into) {
        sendDelayRead = sendDelay.getIntervalHistogram(sendDelayRead);
        into.add(sendDelayRead);
    }

    /** Adds the handshakes since the last call. */
    void takeHandshake(Histogram into) {
        into.add(handshake.getIntervalHistogram());
    }

    private static long clamp(long nanos) {
        return Math.max(0, Math.min(nanos, LONGEST));
    }
}
