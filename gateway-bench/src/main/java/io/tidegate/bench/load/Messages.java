package io.tidegate.bench.load;

/**
 * What became of the messages of a run, its warm-up included. When the run is over,
 * {@code sent = received + lost}.
 *
 * @param sent written to a connection
 * @param received whose echo or reply arrived undamaged, each counted once
 * @param lost whose echo did not arrive before its connection or the run ended
 * @param duplicated further echoes of messages whose echo had arrived
 * @param reordered received, but after the echo of a later message of the same connection
 * @param corrupted echoes that are no message sent on that connection, or differ from it
 * @param errorReplies received, but the JSON-RPC reply is an error
 * @param behind written more than a millisecond after they were due
 * @param unsent due, but never written because the connection could not take them, or none was left
 */
public record Messages(
        long sent,
        long received,
        long lost,
        long duplicated,
        long reordered,
        long corrupted,
        long errorReplies,
        long behind,
        long unsent) {

    /** Whether each message due was sent and came back once, whole and in order. */
    public boolean flawless() {
        return lost + duplicated + reordered + corrupted + errorReplies + unsent == 0;
    }
}
