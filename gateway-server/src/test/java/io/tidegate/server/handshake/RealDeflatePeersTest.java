package io.tidegate.server.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateClientExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Other people's implementations of permessage-deflate agree to standalone messages, through the gateway. */
class RealDeflatePeersTest {

    private interface Client {
        String offer();

        boolean accepts(String answer);
    }

    private interface Server {
        /** The answer; {@code null} when it does without compression. */
        @Nullable
        String answer(String offer);
    }

    static Stream<Arguments> pairs() {
        List<Named<Client>> clients = List.of(
                Named.of("Netty's client", nettyClient(15)),
                Named.of("Netty's client with a small window", nettyClient(10)),
                Named.of("Java-WebSocket's client", javaWebSocketClient()));
        List<Named<Server>> servers = List.of(
                Named.of("Netty's server", nettyServer(15, true)),
                Named.of("Netty's server that wants a small window", nettyServer(11, true)),
                Named.of("Java-WebSocket's server", javaWebSocketServer()));
        // Java-WebSocket knows no window but the largest one and declines an offer that names another.
        return clients.stream()
                .flatMap(client -> servers.stream().map(server -> Arguments.of(client, server)))
                .filter(pair ->
                        !(named(pair, 0).contains("small") && named(pair, 1).contains("Java-WebSocket")));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void clientAndServerAgreeOnStandaloneMessages(Client client, Server server) {
        String offer = Extensions.standalone(Extensions.passable(List.of(client.offer())));
        String answer = server.answer(offer);

        assertThat(answer).contains("server_no_context_takeover");
        assertThat(Extensions.isAcceptable(List.of(answer), offer, Compression.STANDALONE))
                .as("%s for %s", answer, offer)
                .isTrue();
        String told = Extensions.told(List.of(answer), offer, Compression.STANDALONE);
        assertThat(told).contains("server_no_context_takeover", "client_no_context_takeover");
        assertThat(client.accepts(told)).as("%s for %s", told, client.offer()).isTrue();
    }

    @Test
    void serverThatInsistsOnContextTakeoverDeclines() {
        String offer = Extensions.standalone(nettyClient(15).offer());

        assertThat(nettyServer(15, false).answer(offer)).isNull();
    }

    private static Client nettyClient(int serverWindow) {
        PerMessageDeflateClientExtensionHandshaker handshaker =
                new PerMessageDeflateClientExtensionHandshaker(6, true, serverWindow, true, true, 0);
        return new Client() {
            @Override
            public String offer() {
                return header(handshaker.newRequestData());
            }

            @Override
            public boolean accepts(String answer) {
                return handshaker.handshakeExtension(data(answer)) != null;
            }
        };
    }

    private static Server nettyServer(int clientWindow, boolean allowsNoContext) {
        PerMessageDeflateServerExtensionHandshaker handshaker =
                new PerMessageDeflateServerExtensionHandshaker(6, true, clientWindow, allowsNoContext, false, 0);
        return offer -> {
            WebSocketServerExtension extension = handshaker.handshakeExtension(data(offer));
            return extension == null ? null : header(extension.newReponseData());
        };
    }

    private static Client javaWebSocketClient() {
        PerMessageDeflateExtension extension = new PerMessageDeflateExtension();
        return new Client() {
            @Override
            public String offer() {
                return extension.getProvidedExtensionAsClient();
            }

            @Override
            public boolean accepts(String answer) {
                return extension.acceptProvidedExtensionAsClient(answer) && extension.isServerNoContextTakeover();
            }
        };
    }

    private static Server javaWebSocketServer() {
        PerMessageDeflateExtension extension = new PerMessageDeflateExtension();
        return offer ->
                extension.acceptProvidedExtensionAsServer(offer) ? extension.getProvidedExtensionAsServer() : null;
    }

    private static String named(Arguments pair, int index) {
        return ((Named<?>) pair.get()[index]).getName();
    }

    private static WebSocketExtensionData data(String header) {
        return WebSocketExtensionUtil.extractExtensions(header).get(0);
    }

    private static String header(WebSocketExtensionData data) {
        Map<String, String> parameters = data.parameters();
        return parameters.entrySet().stream()
                .map(each -> "; " + each.getKey() + (each.getValue() == null ? "" : "=" + each.getValue()))
                .collect(Collectors.joining("", data.name(), ""));
    }
}
