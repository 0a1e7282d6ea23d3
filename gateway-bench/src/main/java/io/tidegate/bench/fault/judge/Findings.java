package io.tidegate.bench.fault.judge;

import java.util.List;
import java.util.Map;

/**
 * What a run found.
 *
 * @param client at the clients
 * @param upstream at the upstreams
 */
public record Findings(AtClient client, AtUpstream upstream) {

    /**
     * What clients saw.
     *
     * @param sent messages
     * @param answered messages that have a reply
     * @param lost messages without a reply on connections that stayed; 0 when none is due
     * @param forfeited messages without a reply whose connection was closed; 0 when none is due
     * @param duplicated further replies to messages that had one
     * @param reordered first replies after the reply to a later message
     * @param wrong damaged replies, and replies to nothing that was asked
     * @param errors errors in place of replies
     * @param closes client legs that ended before the run, by code
     * @param refusals handshakes that failed, by reason
     */
    public record AtClient(
            long sent,
            long answered,
            long lost,
            long forfeited,
            long duplicated,
            long reordered,
            long wrong,
            long errors,
            Map<String, Long> closes,
            Map<String, Long> refusals) {

        /** Client legs that ended before the run. */
        public long closed() {
            return closes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * What upstreams read.
     *
     * @param read messages, each counted once
     * @param missing messages that none read
     * @param twice messages read again
     * @param reordered messages first read after a later one of the same client
     * @param wrong what was read and never sent
     */
    public record AtUpstream(long read, long missing, long twice, long reordered, long wrong) {}

    /**
     * Sums up.
     *
     * @param replies of each client, by its number
     * @param answersDue whether each message has a reply
     */
    public static Findings of(
            List<Replies> replies,
            Deliveries deliveries,
            boolean answersDue,
            Map<String, Long> closes,
            Map<String, Long> refusals) {
        long sent = 0;
        long answered = 0;
        long lost = 0;
        long forfeited = 0;
        long duplicated = 0;
        long reordered = 0;
        long wrong = 0;
        long errors = 0;
        long missing = 0;
        long invented = deliveries.inventedBeyond(replies.size());
        for (int i = 0; i < replies.size(); i++) {
            Replies client = replies.get(i);
            sent += client.sent();
            answered += client.answered();
            lost += answersDue ? client.waiting() : 0;
            forfeited += answersDue ? client.forfeited() : 0;
            duplicated += client.duplicated();
            reordered += client.reordered();
            wrong += client.wrongs();
            errors += client.errors();
            missing += deliveries.missing(i, client.sent());
            invented += deliveries.invented(i, client.sent());
        }
        return new Findings(
                new AtClient(sent, answered, lost, forfeited, duplicated, reordered, wrong, errors, closes, refusals),
                new AtUpstream(
                        deliveries.distinct(),
                        missing,
                        deliveries.repeated(),
                        deliveries.reordered(),
                        deliveries.damagedCount() + invented));
    }
}
