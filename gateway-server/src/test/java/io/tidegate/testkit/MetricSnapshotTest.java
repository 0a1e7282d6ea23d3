package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MetricSnapshotTest {
    private static final String TEXT = """
      # HELP tidegate_connections Sessions now.
      # TYPE tidegate_connections gauge
      tidegate_connections{route="/a"} 3
      tidegate_connections{route="/b"} 4.0 1700000000000
      tidegate_messages_total{route="/a",direction="to_client"} 1e3
      tidegate_messages_total{direction="to_upstream",route="/a"} 2
      odd{path="a,b=\\"c\\"} 5"} +Inf
      bare 7
      # EOF
      """;

    @Test
    void sumsTheSeriesThatCarryTheLabels() {
        MetricSnapshot snapshot = MetricSnapshot.parse(TEXT);
        assertThat(snapshot.value("tidegate_connections")).isEqualTo(7);
        assertThat(snapshot.value("tidegate_connections", "route", "/b")).isEqualTo(4);
        assertThat(snapshot.value("tidegate_messages_total", "direction", "to_client", "route", "/a"))
                .isEqualTo(1000);
        assertThat(snapshot.value("tidegate_messages_total", "route", "/b")).isZero();
        assertThat(snapshot.value("odd")).isInfinite();
        assertThat(snapshot.value("bare")).isEqualTo(7);
        assertThat(snapshot.has("bare")).isTrue();
        assertThat(snapshot.has("tidegate")).isFalse();
    }

    @Test
    void comparesAndSubtracts() {
        MetricSnapshot earlier = MetricSnapshot.parse(TEXT);
        assertThat(MetricSnapshot.parse(TEXT)).isEqualTo(earlier);
        assertThat(MetricSnapshot.parse("bare 8\n").minus(MetricSnapshot.parse("bare 7\n")))
                .isEqualTo(MetricSnapshot.parse("bare 1\n"));
        assertThat(MetricSnapshot.parse("bare 7\nnew{a=\"b\"} 2\n")
                        .minus(MetricSnapshot.parse("bare 7\n"))
                        .samples())
                .containsOnlyKeys("new{a=\"b\"}");
    }

    @Test
    void refusesWhatIsNoPrometheusText() {
        assertThatThrownBy(() -> MetricSnapshot.parse("<html>")).hasMessageContaining("<html>");
        assertThatThrownBy(() -> MetricSnapshot.parse("a{b=c} 1")).hasMessageContaining("b=c");
        assertThatThrownBy(() -> MetricSnapshot.parse("a 1\na 2")).hasMessageContaining("one series");
    }

    @Test
    void scrapesUntilItIsAsExpected() throws IOException {
        AtomicInteger count = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] body = ("n " + count.incrementAndGet() + "\n").getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            assertThat(MetricSnapshot.await(server.getAddress(), now -> now.value("n") >= 3)
                            .value("n"))
                    .isEqualTo(3);
        } finally {
            server.stop(0);
        }
    }
}
