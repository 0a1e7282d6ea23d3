package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepliesTest {

    private final Replies replies = new Replies();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsTheFaultsThatWereMade(long seed) {
        Random random = new Random(seed);
        int lost = 0;
        int duplicated = 0;
        int reordered = 0;
        int wrong = 0;
        int sequence = 0;
        while (sequence < 2_000) {
            int first = replies.sent(sequence);
            switch (random.nextInt(20)) {
                case 0 -> lost++;
                case 1 -> {
                    replies.arrived(first, sequence);
                    replies.arrived(first, sequence);
                    duplicated++;
                }
                case 2 -> {
                    int second = replies.sent(sequence);
                    replies.arrived(second, sequence);
                    replies.arrived(first, sequence);
                    reordered++;
                }
                case 3 -> {
                    replies.wrong();
                    replies.arrived(first, sequence);
                    replies.arrived(first + 1, sequence); // nobody asked yet
                    wrong += 2;
                }
                default -> replies.arrived(first, sequence);
            }
            sequence = first + 1;
        }

        assertThat(replies.waiting()).isEqualTo(lost).isPositive();
        assertThat(replies.duplicated()).isEqualTo(duplicated).isPositive();
        assertThat(replies.reordered()).isEqualTo(reordered).isPositive();
        assertThat(replies.wrongs()).isEqualTo(wrong).isPositive();
        assertThat(replies.answered()).isEqualTo(replies.sent() - lost);
        assertThat(replies.forfeited()).isZero();
    }

    @Test
    void whatWasSentOnAConnectionThatEndedIsNoSilence() {
        replies.sent(0);
        replies.arrived(replies.sent(0), 1);
        replies.sent(0);
        replies.closed();
        replies.sent(2);

        assertThat(replies.forfeited()).isEqualTo(2);
        assertThat(replies.waiting()).isEqualTo(1);
    }

    @Test
    void measuresTheLongestWaitOfThoseOnTheirWayDuringAnOutage() {
        answered(0, 90); // over before the outage
        answered(95, 340); // on its way when it began
        answered(150, 330); // sent during it
        answered(210, 900); // sent after it
        replies.sent(120); // never answered: lost, not slow

        assertThat(replies.longestWait(100, 200)).isEqualTo(245);
        assertThat(replies.longestWait(2_000, 3_000)).isNegative();
    }

    @Test
    void isBackWithTheFirstReplyToSomethingSentSince() {
        answered(90, 500); // sent before
        replies.sent(110);
        int second = replies.sent(120);
        answered(130, 400);
        replies.arrived(second, 450);

        assertThat(replies.backAfter(100)).isEqualTo(300);
        assertThat(replies.backAfter(131)).isNegative();
    }

    @Test
    void countsPausesThatAreTooLong() {
        long second = 1_000_000_000;
        answered(0, 2 * second + Recovery.GRACE_NANOS);
        Outage outage = new Outage(0, 0, second);

        assertThat(Recovery.of(List.of(replies), List.of(outage)).slow()).isZero();

        answered(0, 2 * second + Recovery.GRACE_NANOS + 1);
        Recovery recovery = Recovery.of(List.of(replies, new Replies()), List.of(outage));

        assertThat(recovery.slow()).isEqualTo(1);
        assertThat(recovery.pauses().getTotalCount())
                .as("a client that sent nothing waited for nothing")
                .isEqualTo(1);
        assertThat(recovery.downtimes().getTotalCount()).isEqualTo(1);
    }

    private void answered(long sentNanos, long answeredNanos) {
        replies.arrived(replies.sent(sentNanos), answeredNanos);
    }
}
