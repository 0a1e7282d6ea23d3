package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an endpoint's breaker is told of how sessions end, and what is kept from it. */
@Timeout(60)
class BlameTest {

    private static final Routes RECONNECT =
            Routes.RECONNECT.with(BreakerConfig.DEFAULTS.withWindow(4, 4).withOpenFor(Duration.ofHours(1)));

    private static final String SHORT = "{window: 4, minimumCalls: 4, openFor: 1h}";

    /** Echoes, answers pings, and dies of one message. */
    private static final Script FRAGILE = connection -> {
        connection.accept();
        connection.onFrame(frame -> {
            if (frame.opcode() == Frame.TEXT && frame.text().equals("poison")) {
                connection.reset();
            } else if (frame.opcode() == Frame.TEXT) {
                connection.send(frame.unmasked());
            } else if (frame.opcode() == Frame.PING) {
                connection.send(Frame.of(Frame.PONG, frame.payload()));
            }
        });
    };

    @RegisterExtension
    private final GatewayFixture fixture = new GatewayFixture();

    /** It is sent again on each new leg, as it was never confirmed. */
    @Test
    void aMessageThatKillsEveryLegOpensNoBreaker() {
        ScriptedUpstream first = fixture.upstream(FRAGILE);
        ScriptedUpstream second = fixture.upstream(FRAGILE);
        fixture.start(RECONNECT.with(Confirm.PING).to(first, second));
        ScriptedClient good = fixture.connect("/");
        ScriptedClient bad = fixture.connect("/");
        bad.send(Frame.text("poison"));
        MetricSnapshot.await(
                fixture.admin(),
                now -> first.connections().size() + second.connections().size() > 12);
        for (int i = 0; i < 5; i++) {
            good.send(Frame.text("good " + i));
            assertThat(good.awaitFrame()).isEqualTo(Frame.text("good " + i));
            ScriptedClient another = fixture.connect("/");
            another.send(Frame.text("another"));
            assertThat(another.awaitFrame()).isEqualTo(Frame.text("another"));
            another.close();
        }
        assertThat(opened()).isZero();
        bad.reset();
    }

    @ParameterizedTest
    @ValueSource(strings = {"continuity: close", "continuity: reconnect"})
    void whatTheGatewayDoesNotLetPassIsNoLoss(String route) {
        ScriptedUpstream upstream = fixture.upstream(connection -> {
            connection.accept();
            connection.send(Frame.binary(new byte[(1 << 20) + 1]));
        });
        fixture.breaker = SHORT;
        fixture.startRoute(route, upstream);
        for (int i = 0; i < 12; i++) {
            assertThat(fixture.connect("/").awaitClose().closeCode()).isEqualTo(1009);
        }
        assertThat(opened()).isZero();
    }

    @Test
    void aLossCountsAtOnceAlsoWhileItsClientDoesNotAnswerTheClose() {
        ScriptedUpstream upstream = fixture.upstream(Script.DROP);
        fixture.breaker = SHORT;
        fixture.startRoute("continuity: close", upstream);
        List<ScriptedClient> silent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ScriptedClient client = fixture.request("/");
            silent.add(client);
            client.awaitResponse();
        }
        MetricSnapshot.await(fixture.admin(), now -> opened(now) > 0);
        assertThat(fixture.metrics().value("tidegate_connections")).isPositive();
        silent.forEach(ScriptedClient::reset);
    }

    /** Sessions that come back at once must not make up for the legs that they lose. */
    @Test
    void anEndpointThatTakesLegsAndDropsThemIsOpenedByAFewSessions() {
        ScriptedUpstream upstream = fixture.upstream(Script.DROP);
        fixture.breaker = "{openFor: 1h}";
        fixture.startRoute("continuity: reconnect", upstream);
        for (int i = 0; i < 3; i++) {
            fixture.request("/").awaitResponse();
        }
        MetricSnapshot.await(fixture.admin(), now -> opened(now) > 0);
        assertThat(upstream.connections()).hasSizeLessThan(500);
    }

    private double opened() {
        return opened(fixture.metrics());
    }

    private static double opened(MetricSnapshot metrics) {
        return metrics.value("tidegate_breaker_transitions_total", "to", "open");
    }
}
