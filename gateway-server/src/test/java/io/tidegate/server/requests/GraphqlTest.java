package io.tidegate.server.requests;

import static io.tidegate.server.config.continuity.RequestsConfig.Preset.GRAPHQL_TRANSPORT_WS;
import static io.tidegate.server.requests.Requests.FromClient.DUPLICATE;
import static io.tidegate.server.requests.Requests.FromClient.OTHER;
import static io.tidegate.server.requests.Requests.FromUpstream.DROP;
import static io.tidegate.server.requests.Requests.FromUpstream.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.requests.Dialogue.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** graphql-transport-ws: a subscription has many results, and one end. */
class GraphqlTest {

    private static final String SUBSCRIBE = "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{x}\"}}";
    private static final String NEXT = "{\"id\":\"a\",\"type\":\"next\",\"payload\":{}}";
    private static final String COMPLETE = "{\"id\":\"a\",\"type\":\"complete\"}";
    private static final String ERROR = "{\"id\":\"a\",\"type\":\"error\",\"payload\":[]}";

    private final Dialogue dialogue = new Dialogue(GRAPHQL_TRANSPORT_WS);

    @ParameterizedTest
    @ValueSource(strings = {COMPLETE, ERROR})
    void aSubscriptionEndsWithCompleteOrError(String end) {
        Message subscription = dialogue.request(SUBSCRIBE);
        dialogue.ticker.advanceNanos(5);
        assertThat(dialogue.fromUpstream(NEXT)).isEqualTo(PASS);
        dialogue.ticker.advanceNanos(20);
        assertThat(dialogue.fromUpstream(NEXT)).isEqualTo(PASS);
        assertThat(dialogue.requests.isPending(subscription)).isTrue();

        assertThat(dialogue.fromUpstream(end)).isEqualTo(PASS);

        assertThat(dialogue.heard).containsExactly("answered " + subscription + " after 5");
        assertThat(dialogue.fromUpstream(NEXT)).isEqualTo(DROP);
        assertThat(dialogue.fromUpstream(end)).isEqualTo(DROP);
    }

    @Test
    void latencyIsThatOfTheEndWhenThereWasNoResult() {
        Message subscription = dialogue.request(SUBSCRIBE);
        dialogue.ticker.advanceNanos(8);

        dialogue.fromUpstream(ERROR);

        assertThat(dialogue.heard).containsExactly("answered " + subscription + " after 8");
    }

    @Test
    void aResultEndsTheTimeout() {
        Message subscription = dialogue.request(SUBSCRIBE);
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(Dialogue.TIMEOUT.toNanos());

        dialogue.fromUpstream(NEXT);

        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
        assertThat(dialogue.requests.isReplayable(subscription)).isTrue();
    }

    @Test
    void theClientTakesItsSubscriptionBack() {
        Message subscription = dialogue.request(SUBSCRIBE);

        assertThat(dialogue.fromClient(COMPLETE)).isEqualTo(OTHER);

        assertThat(dialogue.heard).containsExactly("cancelled " + subscription);
        assertThat(dialogue.requests.isPending(subscription)).isFalse();
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
        assertThat(dialogue.fromUpstream(NEXT)).as("on its way already").isEqualTo(PASS);
        dialogue.request(SUBSCRIBE);
    }

    @Test
    void aCompleteForNothingIsPassedOn() {
        assertThat(dialogue.fromClient(COMPLETE)).isEqualTo(OTHER);
        assertThat(dialogue.heard).isEmpty();
    }

    @Test
    void aCancelledIdIsNotAnAnsweredOne() {
        dialogue.request(SUBSCRIBE);
        dialogue.fromUpstream(COMPLETE);
        dialogue.request(SUBSCRIBE);
        dialogue.fromClient(COMPLETE);

        assertThat(dialogue.fromUpstream(NEXT)).isEqualTo(PASS);
    }

    @Test
    void afterAFailureNothingComesAnyMore() {
        Message subscription = dialogue.request(SUBSCRIBE);

        assertThat(dialogue.fail(subscription, FailReason.DROPPED))
                .isEqualTo("{\"id\":\"a\",\"type\":\"error\",\"payload\":[{\"message\":"
                        + "\"request dropped, too much is waiting for the upstream\"}]}");

        assertThat(dialogue.fromUpstream(NEXT)).isEqualTo(DROP);
        assertThat(dialogue.fromUpstream(COMPLETE)).isEqualTo(DROP);
    }

    @Test
    void aPendingSubscriptionIsNotMadeTwice() {
        dialogue.request(SUBSCRIBE);

        assertThat(dialogue.fromClient(SUBSCRIBE)).isEqualTo(DUPLICATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"connection_init\",\"id\":\"a\"}",
                "{\"type\":\"ping\",\"id\":\"a\"}",
                "{\"type\":\"pong\",\"id\":\"a\"}",
                "{\"type\":\"subscribe\"}",
                "{\"type\":\"subscribes\",\"id\":\"a\"}",
                "{\"type\":\"subscrib\",\"id\":\"a\"}",
                "{\"id\":\"a\"}",
                "{\"type\":{},\"id\":\"a\"}",
                "[{\"type\":\"subscribe\",\"id\":\"a\"}]"
            })
    void isNoSubscription(String text) {
        assertThat(dialogue.fromClient(text)).isEqualTo(OTHER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"connection_ack\",\"id\":\"a\"}",
                "{\"type\":\"ping\",\"id\":\"a\"}",
                "{\"type\":\"subscribe\",\"id\":\"a\"}",
                "{\"type\":\"complete\",\"id\":\"b\"}",
                "{\"type\":\"complete\"}"
            })
    void doesNotEndASubscription(String text) {
        dialogue.request(SUBSCRIBE);

        assertThat(dialogue.fromUpstream(text)).isEqualTo(PASS);

        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }
}
