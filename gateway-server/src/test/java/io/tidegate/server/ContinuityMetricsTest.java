package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.dedup.DedupConfig;
import io.tidegate.json.JsonPointer;
import io.tidegate.queue.Overflow;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.RouteDedupConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code /metrics} says of queues, reconnects and duplicates. */
@Timeout(60)
class ContinuityMetricsTest {

    /** A frame of a client has a header of 6 bytes when its payload is this short. */
    private static final int HEADER = 6;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void queuesAreToldWhileTheyHoldSomethingAndWhenTheyDoNot() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client = clientOfALostUpstream(Routes.RECONNECT, upstream);
        client.send(Frame.text("12345"), Frame.text("12"), Frame.ping("not a message"));
        MetricSnapshot down = await(now ->
                now.value("tidegate_queue_messages") == 2 && now.value("tidegate_queue_bytes") == 5 + 2 + 2 * HEADER);
        assertThat(down.value("tidegate_queue_unconfirmed")).isZero();
        assertBalanced(down);
        upstream.restart();
        MetricSnapshot up = await(now -> now.value("tidegate_accounting_total", "what", "delivered") == 2
                && now.value("tidegate_queue_bytes") == 0);
        assertThat(up.value("tidegate_queue_messages")).isZero();
        assertThat(up.value("tidegate_queue_dropped_total")).isZero();
        assertThat(up.value("tidegate_messages_replayed_total")).isZero();
        assertBalanced(up);
    }

    @Test
    void theUnconfirmedAreHeldAndTheirReplayIsCounted() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(Routes.RECONNECT.with(Confirm.PING).to(upstream));
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("1"), Frame.text("2"), Frame.text("3"));
        // Families are read one after the other, while the loops go on.
        MetricSnapshot written = await(now -> now.value("tidegate_queue_unconfirmed") == 3
                && now.value("tidegate_messages_total", "direction", "to_upstream") == 3
                && now.value("tidegate_queue_bytes") == 3 + 3 * HEADER);
        assertThat(written.value("tidegate_queue_messages")).isEqualTo(3);
        assertBalanced(written);
        upstream.script(Script.ECHO);
        upstream.resetConnections();
        MetricSnapshot confirmed = await(now -> now.value("tidegate_accounting_total", "what", "delivered") == 3
                && now.value("tidegate_messages_replayed_total") == 3
                && now.value("tidegate_queue_bytes") == 0);
        assertThat(confirmed.value("tidegate_messages_total", "direction", "to_upstream"))
                .as("each message once")
                .isEqualTo(3);
        assertBalanced(confirmed);
    }

    @Test
    void reconnectsAreCountedTimedAndSeenInTheStates() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        clientOfALostUpstream(Routes.RECONNECT, upstream);
        assertThat(fixture.metrics().value("tidegate_reconnects_total")).isZero();
        upstream.restart();
        MetricSnapshot now = await(each -> each.value("tidegate_reconnect_seconds_count") == 1
                && each.value("tidegate_reconnects_total", "result", "reconnected") == 1
                && each.value("tidegate_session_transitions_total", "to", "relaying") == 2);
        assertThat(now.value("tidegate_reconnects_total", "result", "reconnected"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_reconnects_total")).isEqualTo(1);
        double seconds = now.value("tidegate_reconnect_seconds_sum");
        assertThat(seconds).isBetween(0.000_1, 10.0);
        assertThat(now.value("tidegate_reconnect_seconds_bucket", "le", "+Inf")).isEqualTo(1);
        assertThat(now.value("tidegate_reconnect_seconds_bucket", "le", "300.0"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_session_transitions_total", "to", "dialling"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_session_transitions_total", "to", "reconnecting"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_session_transitions_total", "to", "relaying"))
                .isEqualTo(2);
        assertThat(now.value("tidegate_session_transitions_total", "to", "closed"))
                .isZero();
    }

    @Test
    void messagesThatWaitedAndRequestsAreTimedOnceEach() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoute("""
                continuity: reconnect
                requests: {id: /id}
                """, upstream);
        ScriptedClient client = fixture.connect("/");
        for (int id = 1; id <= 3; id++) {
            client.send(Frame.text("{\"id\":" + id + "}"));
        }
        client.send(Frame.text("no request"));
        client.awaitFrames(4);
        MetricSnapshot now = await(each -> each.value("tidegate_queue_wait_seconds_count") == 4);
        assertThat(now.value("tidegate_request_seconds_count")).isEqualTo(3);
        assertThat(now.value("tidegate_request_seconds_bucket", "le", "+Inf")).isEqualTo(3);
        assertThat(now.value("tidegate_request_seconds_sum")).isBetween(1e-6, 30.0);
        assertThat(now.value("tidegate_queue_wait_seconds_sum")).isBetween(0.0, 10.0);
    }

    @Test
    void whatQueuesHoldIsTakenFromWhatAllOfThemMayHold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client = clientOfALostUpstream(Routes.RECONNECT, upstream);
        assertThat(fixture.metrics().value("tidegate_buffered_bytes")).isZero();
        client.send(Frame.text("12345"));
        await(now -> now.value("tidegate_buffered_bytes") == 5 + HEADER);
        upstream.restart();
        await(now -> now.value("tidegate_buffered_bytes") == 0);
    }

    @Test
    void aSearchThatComesToNothingIsCountedByItsReasonAndHasNoTime() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client = clientOfALostUpstream(Routes.RECONNECT.within(Duration.ofMillis(100)), upstream);
        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
        MetricSnapshot gaveUp = await(now -> now.value("tidegate_reconnects_total") == 1);
        assertThat(gaveUp.value("tidegate_reconnects_total", "result", "gave-up"))
                .isEqualTo(1);
        assertThat(gaveUp.value("tidegate_reconnect_seconds_count")).isZero();
    }

    @Test
    void aSearchThatNobodyWaitsForIsAbandonedAndItsQueueCancelled() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client = clientOfALostUpstream(Routes.RECONNECT, upstream);
        client.send(Frame.text("x"));
        client.sendClose(1000, "");
        client.awaitEnd();
        MetricSnapshot now = await(each -> each.value("tidegate_connections") == 0
                && each.value("tidegate_queue_dropped_total", "reason", "cancelled") == 1
                && each.value("tidegate_queue_bytes") == 0);
        assertThat(now.value("tidegate_reconnects_total", "result", "abandoned"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_reconnects_total")).isEqualTo(1);
        assertThat(now.value("tidegate_queue_dropped_total", "reason", "cancelled"))
                .isEqualTo(1);
        assertThat(now.value("tidegate_queue_bytes")).isZero();
        assertBalanced(now);
    }

    @Test
    void aRefusalThatIsFinalEndsTheSearch() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.to(upstream));
        ScriptedClient client = fixture.connect("/");
        upstream.script(Script.refuse(403, "no"));
        upstream.resetConnections();
        client.awaitClose();
        await(now -> now.value("tidegate_reconnects_total", "result", "refused") == 1);
    }

    @Test
    void whatWaitsForTooLongIsADropOfItsOwnReason() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client =
                clientOfALostUpstream(Routes.RECONNECT.with(10, Duration.ofMillis(50), Overflow.PAUSE), upstream);
        client.send(Frame.text("1"), Frame.text("2"));
        MetricSnapshot now = await(each -> each.value("tidegate_queue_dropped_total", "reason", "expired") == 2
                && each.value("tidegate_queue_bytes") == 0);
        assertThat(now.value("tidegate_accounting_total", "what", "expired")).isEqualTo(2);
        assertThat(now.value("tidegate_accounting_total", "what", "dropped")).isZero();
        assertThat(now.value("tidegate_queue_bytes")).isZero();
        assertBalanced(now);
    }

    @Test
    void whatFindsNoRoomIsDroppedAndTakesNoBytes() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        ScriptedClient client =
                clientOfALostUpstream(Routes.RECONNECT.with(1, Duration.ofMinutes(1), Overflow.DROP_NEWEST), upstream);
        client.send(Frame.text("12345"), Frame.text("1"), Frame.text("1"));
        MetricSnapshot now = await(each -> each.value("tidegate_queue_dropped_total", "reason", "overflow") == 2
                && each.value("tidegate_queue_bytes") == 5 + HEADER);
        assertBalanced(now);
    }

    @Test
    void dedupTellsWhatItFound() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        RouteDedupConfig byId =
                new RouteDedupConfig(JsonPointer.parse("/id"), RouteDedupConfig.Scope.ROUTE, DedupConfig.DEFAULTS);
        fixture.start(Routes.RECONNECT.with(byId).to(upstream));
        for (String id : List.of("1", "2")) {
            ScriptedClient client = fixture.connect("/");
            client.send(Frame.text("{\"id\":7}"), Frame.text("{\"id\":" + id + "1}"), Frame.text("{\"no\":1}"));
            client.awaitFrames(id.equals("1") ? 3 : 2);
        }
        MetricSnapshot now = await(each -> each.value("tidegate_accounting_total", "what", "accepted") == 6);
        assertThat(now.value("tidegate_dedup_total", "result", "first")).isEqualTo(3);
        assertThat(now.value("tidegate_dedup_total", "result", "duplicate")).isEqualTo(1);
        assertThat(now.value("tidegate_dedup_total", "result", "unkeyed")).isEqualTo(2);
        assertThat(now.value("tidegate_dedup_total", "result", "full")).isZero();
        assertThat(now.value("tidegate_queue_dropped_total"))
                .as("duplicates are none")
                .isZero();
        assertBalanced(now);
    }

    @Test
    void routesWithoutQueuesHaveNoQueueSeriesButTheirBooks() {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("x"));
        client.awaitFrames(1);
        MetricSnapshot now = await(each -> each.value("tidegate_accounting_total", "what", "delivered") == 1);
        assertThat(now.has("tidegate_queue_messages")).isFalse();
        assertThat(now.has("tidegate_reconnects_total")).isFalse();
        assertBalanced(now);
    }

    @Test
    void everySeriesOfARouteIsThereBeforeAnythingHappened() {
        fixture.start(Routes.RECONNECT.to(fixture.upstream(Script.ECHO)));
        MetricSnapshot now = fixture.metrics();
        assertThat(now.has("tidegate_queue_messages", "route", "/")).isTrue();
        assertThat(now.has("tidegate_queue_bytes", "route", "/")).isTrue();
        assertThat(now.has("tidegate_queue_dropped_total", "reason", "overflow"))
                .isTrue();
        assertThat(now.has("tidegate_queue_dropped_total", "reason", "expired")).isTrue();
        assertThat(now.has("tidegate_reconnects_total", "result", "gave-up")).isTrue();
        assertThat(now.has("tidegate_reconnect_seconds_count", "route", "/")).isTrue();
        assertThat(now.has("tidegate_dedup_total", "result", "duplicate")).isTrue();
        assertThat(now.has("tidegate_session_transitions_total", "to", "reconnecting"))
                .isTrue();
        assertThat(now.has("tidegate_messages_replayed_total", "route", "/")).isTrue();
    }

    private ScriptedClient clientOfALostUpstream(Routes routes, ScriptedUpstream upstream) {
        fixture.start(routes.to(upstream));
        ScriptedClient client = fixture.connect("/");
        upstream.kill();
        await(now -> now.value("tidegate_session_transitions_total", "to", "reconnecting") == 1);
        return client;
    }

    private static void assertBalanced(MetricSnapshot now) {
        double kept = now.value("tidegate_queue_messages");
        for (String what : List.of("delivered", "expired", "duplicate", "dropped")) {
            kept += now.value("tidegate_accounting_total", "what", what);
        }
        assertThat(now.value("tidegate_accounting_total", "what", "accepted")).isEqualTo(kept);
    }

    private MetricSnapshot await(Predicate<MetricSnapshot> wanted) {
        return MetricSnapshot.await(fixture.admin(), wanted);
    }
}
