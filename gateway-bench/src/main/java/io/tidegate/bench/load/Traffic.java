package io.tidegate.bench.load;

/**
 * What is sent.
 *
 * @param mode how the moment of sending is decided
 * @param rate messages per second of all connections together; above 0 in {@link Mode#OPEN_LOOP}, else 0
 * @param inFlight messages under way per connection; at least 1 in {@link Mode#CLOSED_LOOP}, else 0
 * @param size bytes of each message
 * @param jsonRpc whether messages are JSON-RPC requests, matched by id
 * @param binary whether messages are binary; text otherwise
 */
public record Traffic(Mode mode, double rate, int inFlight, int size, boolean jsonRpc, boolean binary) {

    /** How the moment of sending is decided. */
    public enum Mode {
        /** By a schedule: latency counts from the moment a message was due. */
        OPEN_LOOP("open loop"),
        /** By the echo before: measures throughput; its latencies suffer from coordinated omission. */
        CLOSED_LOOP("closed loop"),
        /** Nothing is sent; connections are held. */
        IDLE("idle");

        private final String words;

        Mode(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Most bytes of a message. */
    static final int LARGEST = 16 << 20;

    /** Validates. */
    public Traffic {
        if (mode == Mode.OPEN_LOOP ? !(rate > 0) || rate > 1e9 : rate != 0) {
            throw new IllegalArgumentException("rate: " + rate + " (expected: above 0 in the open loop only)");
        }
        if (mode == Mode.CLOSED_LOOP ? inFlight < 1 || inFlight > Outstanding.SPAN : inFlight != 0) {
            throw new IllegalArgumentException(
                    "in-flight: " + inFlight + " (expected: 1 to " + Outstanding.SPAN + " in the closed loop only)");
        }
        int least = jsonRpc ? JsonRpcPayload.LEAST : SequencePayload.LEAST;
        if (size < least || size > LARGEST) {
            throw new IllegalArgumentException(
                    "size: " + size + " (expected: " + least + " to " + LARGEST + (jsonRpc ? " with JSON-RPC)" : ")"));
        }
    }

    /** Text messages at a constant rate. */
    public static Traffic openLoop(double rate, int size) {
        return new Traffic(Mode.OPEN_LOOP, rate, 0, size, false, false);
    }

    /** Text messages, each sent when an echo arrives. */
    public static Traffic closedLoop(int inFlight, int size) {
        return new Traffic(Mode.CLOSED_LOOP, 0, inFlight, size, false, false);
    }

    /** No messages. */
    public static Traffic idle() {
        return new Traffic(Mode.IDLE, 0, 0, JsonRpcPayload.LEAST, false, false);
    }

    /** The same traffic as JSON-RPC requests. */
    public Traffic asJsonRpc() {
        return new Traffic(mode, rate, inFlight, size, true, binary);
    }
}
