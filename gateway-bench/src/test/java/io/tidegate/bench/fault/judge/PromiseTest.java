package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.fault.message.Numbered;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One fault at a time: who breaks over it. */
class PromiseTest {

    private static final Set<Promise> ALL = EnumSet.allOf(Promise.class);

    private final Replies replies = new Replies();
    private final Deliveries deliveries = new Deliveries();
    private final Map<String, Long> closes = new TreeMap<>();
    private final Map<String, Long> refusals = new TreeMap<>();

    @Test
    void aFlawlessRunKeepsAll() {
        ordinary(3);

        assertThat(brokenBy(true)).isEmpty();
    }

    @Test
    void aLostReply() {
        ordinary(1);
        deliveries.read(new Numbered(0, replies.sent(0)));
        ordinary(1);

        assertThat(brokenBy(true)).containsExactly(Promise.TOLD, Promise.EXACTLY_ONE_REPLY);
    }

    @Test
    void aMessageThatNoUpstreamRead() {
        ordinary(1);
        replies.sent(0);
        ordinary(1);

        assertThat(brokenBy(false)).containsExactly(Promise.AT_LEAST_ONCE);
    }

    @Test
    void aDuplicatedReply() {
        ordinary(2);
        replies.arrived(1, 0);

        assertThat(brokenBy(true)).isEqualTo(EnumSet.complementOf(EnumSet.of(Promise.AT_LEAST_ONCE)));
    }

    @Test
    void replaysAreForThoseWhoAllowThem() {
        ordinary(2);
        deliveries.read(new Numbered(0, 0));
        deliveries.read(new Numbered(0, 1));

        assertThat(brokenBy(true)).containsExactly(Promise.TOLD, Promise.AT_MOST_ONCE);
    }

    @Test
    void firstDeliveriesOutOfOrder() {
        replies.arrived(replies.sent(0), 0);
        replies.arrived(replies.sent(0), 0);
        deliveries.read(new Numbered(0, 1));
        deliveries.read(new Numbered(0, 0));

        assertThat(brokenBy(true)).containsExactly(Promise.AT_MOST_ONCE, Promise.AT_LEAST_ONCE);
    }

    @Test
    void repliesOutOfOrder() {
        ordinary(1);
        int first = replies.sent(0);
        int second = replies.sent(0);
        deliveries.read(new Numbered(0, first));
        deliveries.read(new Numbered(0, second));
        replies.arrived(second, 0);
        replies.arrived(first, 0);

        assertThat(brokenBy(true)).isEqualTo(EnumSet.complementOf(EnumSet.of(Promise.AT_LEAST_ONCE)));
    }

    @Test
    void aWrongReply() {
        replies.wrong();

        assertThat(brokenBy(true)).isEqualTo(ALL);
    }

    @Test
    void somethingThatNobodySent() {
        deliveries.read(new Numbered(0, 0));

        assertThat(brokenBy(true)).isEqualTo(ALL);
    }

    @Test
    void somethingUnreadable() {
        deliveries.damaged();

        assertThat(brokenBy(true)).isEqualTo(ALL);
    }

    @Test
    void anErrorInPlaceOfAReply() {
        replies.error();

        assertThat(brokenBy(true)).containsExactly(Promise.EXACTLY_ONE_REPLY);
    }

    @Test
    void aClosedClientLeg() {
        closes.put("1014", 1L);

        assertThat(brokenBy(true)).isEqualTo(EnumSet.complementOf(EnumSet.of(Promise.TOLD)));
    }

    @Test
    void aClientLegThatWasNotToldWhy() {
        closes.put("1006", 1L);

        assertThat(brokenBy(true)).isEqualTo(ALL);
    }

    @Test
    void aRefusedHandshake() {
        refusals.put("HTTP 502", 1L);

        assertThat(brokenBy(true)).isEqualTo(EnumSet.complementOf(EnumSet.of(Promise.TOLD)));
    }

    private void ordinary(int messages) {
        for (int i = 0; i < messages; i++) {
            int sequence = replies.sent(0);
            deliveries.read(new Numbered(0, sequence));
            replies.arrived(sequence, 0);
        }
    }

    private Set<Promise> brokenBy(boolean answersDue) {
        Findings findings = Findings.of(List.of(replies), deliveries, answersDue, closes, refusals);
        EnumSet<Promise> broken = EnumSet.noneOf(Promise.class);
        for (Promise promise : ALL) {
            if (!promise.broken(findings).isEmpty()) {
                broken.add(promise);
            }
        }
        return broken;
    }
}
