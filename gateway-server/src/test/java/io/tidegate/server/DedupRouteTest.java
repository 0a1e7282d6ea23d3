package io.tidegate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.queue.Departure;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that came before, and those that only seem to. */
@Timeout(60)
class DedupRouteTest {

    private static final String RECONNECT = "continuity: reconnect\n";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    @ParameterizedTest
    @ValueSource(strings = {"close", "reconnect"})
    void ofASessionEachComesOnce(String continuity) {
        Ends ends = session("continuity: " + continuity + "\ndedup: {key: /id}");
        ends.client().send(message(1, "a"), message(2, "b"), message(1, "c"), Frame.text("no id"), Frame.text("no id"));
        assertThat(ends.upstream().awaitFrames(4))
                .containsExactly(message(1, "a"), message(2, "b"), Frame.text("no id"), Frame.text("no id"));
        fixture.awaitAccounting(now -> now.duplicate() == 1 && now.delivered() == 4);
        Ends other = fixture.session(upstream);
        other.client().send(message(1, "of another session"));
        assertThat(other.upstream().awaitFrame()).isEqualTo(message(1, "of another session"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "reconnect"})
    void ofARouteEachComesOnce(String continuity) {
        Ends ends = session("continuity: " + continuity + "\ndedup: {key: content, scope: route}");
        Ends other = fixture.session(upstream);
        ends.client().send(Frame.text("same"));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.text("same"));
        other.client().send(Frame.text("same"), Frame.binary("same".getBytes(UTF_8)));
        other.client().sendFragmented("sa", "me");
        other.client().send(Frame.text("else"));
        assertThat(other.upstream().awaitFrame("the other one", Frame.text("else")::equals))
                .isNotNull();
        fixture.awaitAccounting(now -> now.duplicate() >= 2);
    }

    @Test
    void oneThatExpiredMayComeAgain() {
        Ends ends = session(RECONNECT + "dedup: {key: /id}\nqueue: {ttl: 50ms}");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(message(1, "lost"));
        fixture.awaitAccounting(now -> now.expired() == 1);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        ends.client().send(message(1, "again"), message(1, "once too often"), message(2, ""));
        assertThat(next.awaitFrames(2)).containsExactly(message(1, "again"), message(2, ""));
    }

    @Test
    void oneThatWasDroppedMayComeAgain() {
        Ends ends = session(RECONNECT + "dedup: {key: /id}\nqueue: {maxMessages: 1, overflow: drop-newest}");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(message(1, "waits"), message(2, "finds no room"), message(1, "is known"));
        fixture.awaitAccounting(now -> now.duplicate() == 1 && now.dropped(Departure.OVERFLOW) == 1);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        assertThat(next.awaitFrame()).isEqualTo(message(1, "waits"));
        ends.client().send(message(2, "again"));
        assertThat(next.awaitFrame()).isEqualTo(message(2, "again"));
    }

    @Test
    void oneThatIsReplayedIsNoDuplicate() {
        Ends ends = session(RECONNECT + "confirm: ping\ndedup: {key: /id}");
        ends.client().send(message(1, "a"));
        ends.upstream().awaitFrame();
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).isEqualTo(message(1, "a"));
        ends.client().send(message(1, "again"), message(2, "b"));
        assertThat(next.awaitFrame("the second", frame -> !frame.isControl())).isEqualTo(message(2, "b"));
    }

    @Test
    void whatFollowsABrokenMessageIsNotPassedOn() {
        fixture.track(upstream);
        String extension = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
        upstream.script(leg -> leg.accept(answer -> answer.extensions(extension)));
        fixture.startRoute("dedup: {key: /id}", upstream);
        Ends ends = fixture.session(upstream, "Sec-WebSocket-Extensions: permessage-deflate");
        Frame broken = Frame.of(Frame.TEXT, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff})
                .withRsv(4);
        ends.client().send(message(1, "fine"), broken, message(2, "behind"));
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1007);
        assertThat(ends.upstream().awaitFrames(2))
                .satisfiesExactly(
                        fine -> assertThat(fine).isEqualTo(message(1, "fine")),
                        close -> assertThat(close.closeCode()).isEqualTo(1001));
    }

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }

    private static Frame message(int id, String text) {
        return Frame.text("{\"id\":" + id + ",\"text\":\"" + text + "\"}");
    }
}
