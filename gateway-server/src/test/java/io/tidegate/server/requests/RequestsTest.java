package io.tidegate.server.requests;

import static io.tidegate.server.config.continuity.RequestsConfig.Preset.JSON_RPC;
import static io.tidegate.server.requests.Requests.FromClient.DUPLICATE;
import static io.tidegate.server.requests.Requests.FromClient.OTHER;
import static io.tidegate.server.requests.Requests.FromClient.REQUEST;
import static io.tidegate.server.requests.Requests.FromUpstream.DROP;
import static io.tidegate.server.requests.Requests.FromUpstream.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.requests.Dialogue.Message;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests, whatever the protocol; spoken in JSON-RPC. */
class RequestsTest {

    private final Dialogue dialogue = new Dialogue(JSON_RPC);

    @Test
    void aRequestIsPendingUntilItsReply() {
        Message request = dialogue.request("{\"id\":1,\"method\":\"m\"}");
        assertThat(dialogue.requests.pending()).isEqualTo(1);
        assertThat(dialogue.requests.isPending(request)).isTrue();
        dialogue.ticker.advanceNanos(5_000);

        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);

        assertThat(dialogue.heard).containsExactly("answered " + request + " after 5000");
        assertThat(dialogue.requests.pending()).isZero();
        assertThat(dialogue.requests.isPending(request)).isFalse();
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
    }

    @Test
    void aSecondReplyIsDropped() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.fromUpstream("{\"id\":1,\"result\":{}}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(DROP);
        assertThat(dialogue.fromUpstream("{\"id\":1,\"error\":{}}")).isEqualTo(DROP);
        assertThat(dialogue.heard).hasSize(1);
    }

    @Test
    void aReplyToNothingPasses() {
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
        dialogue.request("{\"id\":2,\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }

    @Test
    void aRequestWithAPendingIdIsADuplicate() {
        Message first = dialogue.request("{\"id\":1,\"method\":\"m\"}");
        Message second = new Message("second");

        assertThat(dialogue.fromClient("{\"id\":1,\"method\":\"m\"}", second)).isEqualTo(DUPLICATE);

        assertThat(dialogue.requests.isPending(second)).isFalse();
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.heard).containsExactly("answered " + first + " after 0");
    }

    @Test
    void anAnsweredIdCanBeUsedAgain() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.fromUpstream("{\"id\":1,\"result\":{}}");
        dialogue.request("{\"id\":1,\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.heard).hasSize(2);
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(DROP);
    }

    @Test
    void anAnsweredIdIsForgottenAfterFiveMinutes() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.fromUpstream("{\"id\":1,\"result\":{}}");

        dialogue.ticker.advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(DROP);
        dialogue.ticker.advance(Duration.ofMinutes(5));
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(PASS);
    }

    @Test
    void theLastTenThousandAnsweredIdsAreRemembered() {
        for (int id = 0; id <= 10_000; id++) {
            dialogue.request("{\"id\":" + id + ",\"method\":\"m\"}");
            dialogue.fromUpstream("{\"id\":" + id + ",\"result\":{}}");
        }
        assertThat(dialogue.fromUpstream("{\"id\":0,\"result\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(DROP);
        assertThat(dialogue.fromUpstream("{\"id\":10000,\"result\":{}}")).isEqualTo(DROP);
    }

    @ParameterizedTest
    @EnumSource
    void aFailedRequestIsAnsweredByTheGatewayOnly(FailReason reason) {
        Message request = dialogue.request("{\"id\":1,\"method\":\"m\"}");

        assertThat(dialogue.fail(request, reason)).contains("\"id\":1,").contains(reason.text());

        assertThat(dialogue.requests.pending()).isZero();
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":{}}")).isEqualTo(DROP);
        assertThat(dialogue.heard).isEmpty();
        assertThat(dialogue.fail(request, reason)).isNull();
    }

    @Test
    void whatIsNotTrackedDoesNotFail() {
        Message request = dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.fromUpstream("{\"id\":1,\"result\":{}}");

        assertThat(dialogue.fail(request, FailReason.TIMEOUT)).isNull();
        assertThat(dialogue.fail(new Message("other"), FailReason.TIMEOUT)).isNull();
        assertThat(dialogue.requests.isReplayable(request)).isFalse();
    }

    @Test
    void aRequestTimesOut() {
        Message first = dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.ticker.advanceNanos(7);
        Message second = dialogue.request("{\"id\":2,\"method\":\"m\"}");
        List<Message> late = new ArrayList<>();

        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(Dialogue.TIMEOUT.toNanos() - 7);
        dialogue.ticker.advance(Dialogue.TIMEOUT.minusNanos(8));
        dialogue.requests.expire(late::add);
        assertThat(late).isEmpty();

        dialogue.ticker.advanceNanos(1);
        assertThat(dialogue.requests.nanosUntilTimeout()).isZero();
        dialogue.requests.expire(late::add);
        assertThat(late).containsExactly(first);
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(7);

        dialogue.ticker.advanceNanos(1_000);
        dialogue.requests.expire(late::add);
        assertThat(late).containsExactly(first, second);
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
    }

    @Test
    void whoeverIsToldOfATimeoutMayFailOthersToo() {
        Message first = dialogue.request("{\"id\":1,\"method\":\"m\"}");
        Message second = dialogue.request("{\"id\":2,\"method\":\"m\"}");
        dialogue.ticker.advance(Dialogue.TIMEOUT);
        List<Message> late = new ArrayList<>();

        dialogue.requests.expire(message -> {
            late.add(message);
            dialogue.fail(first, FailReason.TIMEOUT);
            dialogue.fail(second, FailReason.TIMEOUT);
        });

        assertThat(late).containsExactly(first);
        assertThat(dialogue.requests.pending()).isZero();
    }

    @Test
    void anAnsweredRequestDoesNotTimeOut() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");
        dialogue.fromUpstream("{\"id\":1,\"result\":{}}");
        dialogue.ticker.advance(Dialogue.TIMEOUT);
        List<Message> late = new ArrayList<>();

        dialogue.requests.expire(late::add);

        assertThat(late).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ALL, get, true",
        "NONE, get, false",
        "METHODS, get, true",
        "METHODS, 'g\\u0065t', true",
        "METHODS, set, false"
    })
    void thePolicySaysWhatIsReplayable(Replay.Kind kind, String method, boolean replayable) {
        Replay replay = kind == Replay.Kind.METHODS ? Replay.of(Set.of("get", "list")) : new Replay(kind, Set.of());
        Dialogue other = new Dialogue(Dialogue.config(JSON_RPC, replay));

        Message request = other.request("{\"method\":\"" + method + "\",\"id\":1}");

        assertThat(other.requests.isReplayable(request)).isEqualTo(replayable);
    }

    @Test
    void anIdWithinTheLimitIsTracked() {
        String longest = "x".repeat(256);
        assertThat(dialogue.fromClient("{\"id\":\"" + longest + "\",\"method\":\"m\"}"))
                .isEqualTo(REQUEST);
        assertThat(dialogue.fromClient("{\"id\":\"" + longest + "x\",\"method\":\"m\"}"))
                .isEqualTo(OTHER);
        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }

    @Test
    void anIdMayStandBehindMuchElse() {
        String much = "\"params\":[" + "{\"a\":[1,2,\"]}\"]},".repeat(100_000) + "0]";
        dialogue.request("{\"method\":\"m\"," + much + ",\"id\":7}");

        assertThat(dialogue.fromUpstream("{\"result\":{" + much + "},\"id\":7}"))
                .isEqualTo(PASS);

        assertThat(dialogue.heard).hasSize(1);
    }

    @Test
    void messagesAreToldApartByIdentity() {
        Requests<String> requests = new Requests<>(
                Dialogue.config(JSON_RPC, Replay.ALL),
                new RequestListener<>() {
                    @Override
                    public void answered(String message, long latencyNanos) {}

                    @Override
                    public void cancelled(String message) {}
                },
                dialogue.ticker);
        String one = new String("same");
        String other = new String("same");
        requests.fromClient(Dialogue.payload("{\"id\":1,\"method\":\"m\"}"), one);
        requests.fromClient(Dialogue.payload("{\"id\":2,\"method\":\"m\"}"), other);

        requests.fromUpstream(Dialogue.payload("{\"id\":1,\"result\":0}"));

        assertThat(requests.isPending(one)).isFalse();
        assertThat(requests.isPending(other)).isTrue();
    }

    /** What isn't about a request costs no garbage, however much of it comes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"method\":\"m\",\"params\":[1,\"\\u0031\"]}",
                "{\"method\":\"m\",\"id\":null}",
                "[{\"method\":\"m\"},{\"method\":\"n\"}]",
                "not json"
            })
    void whatIsNoRequestAllocatesNothing(String text) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuf payload = Dialogue.payload(text);
        Message message = new Message("m");
        dialogue.request("{\"id\":1,\"method\":\"m\"}");
        long least = Long.MAX_VALUE;
        // Now and then the JVM allocates for itself, so the least of several rounds counts.
        for (int round = 0; round < 10; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1_000; i++) {
                dialogue.requests.fromClient(payload, message);
                dialogue.requests.fromUpstream(payload);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(1_000);
    }
}
