package io.tidegate.bench.fault.judge;

import java.util.Arrays;

/**
 * One client's messages and the replies to them.
 *
 * <p><b>Threads:</b> one.
 */
public final class Replies {

    private static final long NEVER = Long.MIN_VALUE;

    private long[] sentNanos = new long[16];
    private long[] answeredNanos = new long[16];
    private int sent;
    private int answered;
    private int highest = -1;
    private int forfeitedBelow;
    private long duplicated;
    private long reordered;
    private long wrong;
    private long errors;

    /** A message is sent; returns its number. */
    public int sent(long nowNanos) {
        if (sent == sentNanos.length) {
            sentNanos = Arrays.copyOf(sentNanos, sent * 2);
            answeredNanos = Arrays.copyOf(answeredNanos, sent * 2);
        }
        sentNanos[sent] = nowNanos;
        answeredNanos[sent] = NEVER;
        return sent++;
    }

    /** A reply arrived, right in itself. */
    public void arrived(int sequence, long nowNanos) {
        if (sequence >= sent) {
            wrong++; // nobody asked
        } else if (answeredNanos[sequence] != NEVER) {
            duplicated++;
        } else {
            answeredNanos[sequence] = nowNanos;
            answered++;
            if (sequence < highest) {
                reordered++;
            }
            highest = Math.max(highest, sequence);
        }
    }

    /** Something arrived that is no reply to this client, or a damaged one. */
    public void wrong() {
        wrong++;
    }

    /** An error arrived where a reply was due. */
    public void error() {
        errors++;
    }

    /** The client's connection ended: what was sent on it can't be answered any more, and the client knows. */
    public void closed() {
        forfeitedBelow = sent;
    }

    /** Messages sent. */
    public int sent() {
        return sent;
    }

    /** Messages that have a reply. */
    public int answered() {
        return answered;
    }

    /** Messages without a reply that the client has reason to wait for. */
    public int waiting() {
        return unanswered(forfeitedBelow, sent);
    }

    /** Messages without a reply whose connection ended. */
    public int forfeited() {
        return unanswered(0, forfeitedBelow);
    }

    /** Further replies to messages that had one. */
    public long duplicated() {
        return duplicated;
    }

    /** First replies that came after the reply to a later message. */
    public long reordered() {
        return reordered;
    }

    /** Replies to nothing that was asked, and damaged ones. */
    public long wrongs() {
        return wrong;
    }

    /** Errors in place of replies. */
    public long errors() {
        return errors;
    }

    /**
     * The longest time that a message waited for its reply, among those that were on their way at some time between the
     * two.
     *
     * @return nanoseconds; negative when there was no such message
     */
    public long longestWait(long fromNanos, long toNanos) {
        long longest = -1;
        for (int i = 0; i < sent; i++) {
            boolean during =
                    answeredNanos[i] != NEVER && answeredNanos[i] - fromNanos >= 0 && sentNanos[i] - toNanos <= 0;
            if (during) {
                longest = Math.max(longest, answeredNanos[i] - sentNanos[i]);
            }
        }
        return longest;
    }

    /**
     * When the first reply arrived to a message that was sent after the given time, counted from it.
     *
     * @return nanoseconds; negative when there was none
     */
    public long backAfter(long nanos) {
        long first = -1;
        for (int i = sent - 1; i >= 0 && sentNanos[i] - nanos >= 0; i--) {
            if (answeredNanos[i] != NEVER) {
                long after = answeredNanos[i] - nanos;
                first = first < 0 ? after : Math.min(first, after);
            }
        }
        return first;
    }

    private int unanswered(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            if (answeredNanos[i] == NEVER) {
                count++;
            }
        }
        return count;
    }
}
