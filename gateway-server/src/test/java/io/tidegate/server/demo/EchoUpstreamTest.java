package io.tidegate.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;

class EchoUpstreamTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void sendsBackAndComesBackOnTheSamePort() {
        try (EchoUpstream echo = EchoUpstream.start()) {
            assertThat(talk(echo.uri())).containsExactly("one", "two");

            echo.stop();
            echo.restart();

            assertThat(talk(echo.uri())).containsExactly("one", "two");
        }
    }

    @Test
    void stoppingCutsItsConnections() {
        try (EchoUpstream echo = EchoUpstream.start()) {
            List<String> received = HttpClient.newConnection()
                    .websocket()
                    .uri(echo.uri())
                    .handle((in, out) -> {
                        Flux<String> echoes = in.receive().asString().doOnNext(first -> new Thread(echo::stop).start());
                        return out.sendString(Flux.just("last words")).then().thenMany(echoes);
                    })
                    .collectList()
                    .block(PATIENCE);

            assertThat(received).containsExactly("last words");
        }
    }

    @Test
    void trafficTalks() {
        try (EchoUpstream echo = EchoUpstream.start();
                Traffic traffic = Traffic.start(echo.uri(), 2)) {
            Flux.interval(Duration.ofMillis(20))
                    .takeUntil(tick -> traffic.connected() == 2 && traffic.echoed() >= 2)
                    .blockLast(PATIENCE);

            assertThat(traffic.sent()).isGreaterThanOrEqualTo(traffic.echoed());
        }
    }

    private static List<String> talk(URI uri) {
        return HttpClient.newConnection()
                .websocket()
                .uri(uri)
                .handle((in, out) -> out.sendString(Flux.just("one", "two"))
                        .then()
                        .thenMany(in.receive().asString().take(2)))
                .collectList()
                .block(PATIENCE);
    }
}
