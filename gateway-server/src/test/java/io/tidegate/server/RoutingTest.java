package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.config.Configs;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which upstream and which endpoint a client gets. */
@Timeout(60)
class RoutingTest {

    private static final List<String> ROUTES = List.of(
            "* /",
            "* /chat",
            "* /chat/private",
            "* /files/",
            "chat.example /",
            "chat.example /chat",
            "*.example /",
            "a.b.example /");

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @ParameterizedTest
    @CsvSource({
        "localhost,           /,                  * /",
        "localhost,           /other,             * /",
        "localhost,           /chat,              * /chat",
        "localhost,           /chat/,             * /chat",
        "localhost,           /chat?a=/chat/private, * /chat",
        "localhost,           /chat/room/1,       * /chat",
        "localhost,           /chatter,           * /",
        "localhost,           /CHAT,              * /",
        "localhost,           /ch%61t,            * /",
        "localhost,           /chat/private,      * /chat/private",
        "localhost,           /chat/private/x,    * /chat/private",
        "localhost,           /chat/privately,    * /chat",
        "localhost,           /files,             * /",
        "localhost,           /files/x,           * /files/",
        "localhost:8080,      /chat,              * /chat",
        "127.0.0.1,           /chat,              * /chat",
        "[::1]:80,            /chat,              * /chat",
        "chat.example,        /,                  chat.example /",
        "chat.example:1234,   /chat/1,            chat.example /chat",
        "CHAT.Example,        /chat,              chat.example /chat",
        "chat.example,        /chat/private,      chat.example /chat",
        "other.example,       /,                  *.example /",
        "x.y.example,         /chat,              *.example /",
        "a.b.example,         /chat,              a.b.example /",
        "example,             /chat,              * /chat",
        "notchat.example.org, /chat,              * /chat"
    })
    void theMostSpecificHostAndThenTheLongestPathWins(String host, String target, String route) {
        List<ScriptedUpstream> upstreams = new ArrayList<>();
        for (int i = 0; i < ROUTES.size(); i++) {
            upstreams.add(fixture.upstream(Script.refuse(403, ROUTES.get(i))));
        }
        fixture.start(GatewayFixture.routes(ROUTES, upstreams));
        assertThat(fixture.request(target, "Host: " + host).awaitResponse().text())
                .isEqualTo(route);
    }

    @Test
    void aHostWithoutARouteIs404() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(GatewayFixture.routes(List.of("chat.example /"), List.of(upstream)));
        assertThat(fixture.request("/", "Host: other.example").awaitResponse().status())
                .isEqualTo(404);
        assertThat(fixture.request("/", "Host: chat.example").awaitResponse().status())
                .isEqualTo(101);
    }

    @Test
    void anAbsoluteTargetIsRoutedByItsPathOrRefused() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(GatewayFixture.routes(List.of("* /chat"), List.of(upstream)));
        int status = fixture.request("http://" + Handshake.hostOf(fixture.address()) + "/chat/1?a=b")
                .awaitResponse()
                .status();
        assertThat(status).isIn(101, 400);
        if (status == 101) {
            assertThat(upstream.awaitConnection().target()).isEqualTo("/chat/1?a=b");
        }
    }

    @Test
    void anEndpointsPathReplacesTheRoutesPrefix() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        URI endpoint = URI.create(upstream.uri() + "/v%32");
        fixture.start(GatewayFixture.config(
                Map.of("u", Configs.upstream(Peer.PATIENCE, List.of(endpoint))),
                List.of(Configs.route("/chat", "*", "u", GatewayFixture.UNLIMITED))));
        fixture.connect("/chat/room%2F1?id=%201");
        fixture.connect("/chat?id=2");
        fixture.connect("/chat");
        assertThat(upstream.awaitConnection().target()).isEqualTo("/v%32/room%2F1?id=%201");
        assertThat(upstream.awaitConnection().target()).isEqualTo("/v%32?id=2");
        assertThat(upstream.awaitConnection().target()).isEqualTo("/v%32");
    }

    // endpoints

    @Test
    void endpointsTakeTurns() {
        ScriptedUpstream first = fixture.upstream(Script.ACCEPT);
        ScriptedUpstream second = fixture.upstream(Script.ACCEPT);
        ScriptedUpstream third = fixture.upstream(Script.ACCEPT);
        fixture.start(first, second, third);
        for (int i = 0; i < 12; i++) {
            fixture.connect("/");
        }
        assertThat(first.connections()).hasSize(4);
        assertThat(second.connections()).hasSize(4);
        assertThat(third.connections()).hasSize(4);
    }

    @Test
    void anEndpointThatRefusesTcpIsPassedOver() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(GatewayFixture.config(
                GatewayFixture.UNLIMITED,
                Peer.PATIENCE,
                List.of(ReservedPort.nobody(), upstream.uri(), ReservedPort.nobody())));
        for (int i = 0; i < 6; i++) {
            fixture.connect("/");
        }
        assertThat(upstream.connections()).hasSize(6);
    }

    @Test
    void afterAnUpstreamsRestartNewSessionsWork() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        ScriptedClient before = fixture.connect("/");
        for (int i = 0; i < 3; i++) {
            upstream.kill();
            assertThat(before.awaitClose().closeCode()).isEqualTo(1014);
            assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(502);
            upstream.restart();
            ScriptedClient after = fixture.connect("/");
            after.send(Frame.text("back"));
            assertThat(after.awaitFrame()).isEqualTo(Frame.text("back"));
            before = after;
        }
    }
}
