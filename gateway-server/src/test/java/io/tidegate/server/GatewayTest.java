package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.config.Address;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.ListenerConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starting and stopping. */
@Timeout(60)
class GatewayTest {

    private static final Address ANY_PORT = new Address("127.0.0.1", 0);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void listensWhereItIsTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        GatewayConfig one = configTo(upstream);
        Gateway gateway = fixture.start(new GatewayConfig(
                List.of(new ListenerConfig(ANY_PORT), new ListenerConfig(ANY_PORT)),
                one.admin(),
                one.upstreams(),
                one.routes(),
                one.eventLoops(),
                one.transport(),
                one.queueBytes(),
                one.drain(),
                one.log()));
        assertThat(gateway.listeners()).hasSize(2).doesNotHaveDuplicates();
        for (InetSocketAddress address : gateway.listeners()) {
            ScriptedClient client = fixture.track(ScriptedClient.connect(address, "/"));
            client.send(Frame.text("hello"));
            assertThat(client.awaitFrame()).isEqualTo(Frame.text("hello"));
        }
        assertThat(gateway.transport()).isIn("io_uring", "epoll", "nio");
    }

    @Test
    void hasNoAdminPortUnlessTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        GatewayConfig one = configTo(upstream);
        Gateway gateway = startQuietly(new GatewayConfig(
                one.listeners(),
                null,
                one.upstreams(),
                one.routes(),
                one.eventLoops(),
                one.transport(),
                one.queueBytes(),
                one.drain(),
                one.log()));
        try {
            assertThat(gateway.admin()).isNull();
        } finally {
            gateway.stop(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void worksWithAnyNumberOfEventLoops(int loops) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        GatewayConfig one = configTo(upstream);
        fixture.start(new GatewayConfig(
                one.listeners(),
                one.admin(),
                one.upstreams(),
                one.routes(),
                loops,
                one.transport(),
                one.queueBytes(),
                one.drain(),
                one.log()));
        for (int i = 0; i < 12; i++) {
            ScriptedClient client = fixture.connect("/");
            client.send(Frame.text("hello"));
            assertThat(client.awaitFrame()).isEqualTo(Frame.text("hello"));
        }
    }

    @Test
    void aTakenPortIsNamedAndNothingIsLeftRunning() throws IOException {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        GatewayConfig one = configTo(upstream);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int freePort = free.getLocalPort();
            free.close();
            Address first = new Address("127.0.0.1", freePort);
            Address second = new Address("127.0.0.1", taken.getLocalPort());
            for (GatewayConfig config : List.of(
                    new GatewayConfig(
                            List.of(new ListenerConfig(first), new ListenerConfig(second)),
                            one.admin(),
                            one.upstreams(),
                            one.routes(),
                            1,
                            one.transport(),
                            one.queueBytes(),
                            one.drain(),
                            one.log()),
                    new GatewayConfig(
                            List.of(new ListenerConfig(first)),
                            new AdminConfig(second, null),
                            one.upstreams(),
                            one.routes(),
                            1,
                            one.transport(),
                            one.queueBytes(),
                            one.drain(),
                            one.log()))) {
                assertThatThrownBy(() -> Gateway.start(config))
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining(Integer.toString(taken.getLocalPort()));
                assertThatCode(() -> bind(freePort)).doesNotThrowAnyException();
            }
        }
    }

    private static void bind(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(socket.isBound()).isTrue();
        }
    }

    @Test
    void stoppingClosesBothLegsOfEachSessionWith1001() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        List<ScriptedClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ScriptedClient client = fixture.connect("/");
            client.echo();
            clients.add(client);
        }
        InetSocketAddress address = fixture.address();
        fixture.stop();
        for (ScriptedClient client : clients) {
            assertThat(client.awaitClose().closeCode()).isEqualTo(1001);
            client.awaitEnd();
        }
        for (UpstreamConnection connection : upstream.connections()) {
            assertThat(connection.awaitClose().closeCode()).isEqualTo(1001);
            connection.awaitEnd();
        }
        assertThatThrownBy(() -> ScriptedClient.open(address)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void stoppingDoesNotWaitForPeersThatNeverAnswerAndMayBeDoneTwice() {
        Ends ends = fixture.session();
        ScriptedClient undecided = fixture.open();
        undecided.sendBytes(undecided.bytesOf(Handshake.of("/")));
        ends.upstream().pauseReading();
        Gateway gateway = fixture.gateway();
        gateway.stop(Duration.ofMillis(100));
        gateway.stop(Duration.ofMillis(100));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1001);
        ends.client().awaitEnd();
        undecided.awaitEnd();
        ends.upstream().resumeReading();
        ends.upstream().awaitEnd();
        fixture.forget();
    }

    @RepeatedTest(20)
    void stoppingClosesASessionThatHasJustOpenedLikeAnyOther() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/");
        client.echo();
        fixture.stop();
        assertThat(client.awaitClose().closeCode()).isEqualTo(1001);
        assertThat(upstream.awaitConnection().awaitClose().closeCode()).isEqualTo(1001);
    }

    @Test
    void stoppingEndsConnectionsThatSaidNothingYet() {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient silent = fixture.open();
        ScriptedClient halfway = fixture.open();
        halfway.sendBytes("GET / HTTP/1.1\r\nHost: ".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        fixture.connect("/");
        fixture.gateway().stop(Duration.ofMillis(100));
        silent.awaitEnd();
        halfway.awaitEnd();
        fixture.forget();
    }

    @Test
    void stoppingEndsSessionsThatAreStillOpening() {
        ScriptedUpstream upstream = fixture.upstream(Script.SILENT);
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        UpstreamConnection connection = upstream.awaitConnection();
        connection.request();
        fixture.gateway().stop(Duration.ofMillis(100));
        client.awaitEnd();
        connection.awaitEnd();
        fixture.forget();
    }

    @Test
    void stoppingLeavesNoThreadBehind() throws InterruptedException {
        List<Thread> before = List.copyOf(Thread.getAllStackTraces().keySet());
        fixture.session();
        fixture.gateway().stop(Peer.PATIENCE);
        fixture.forget();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!before.contains(thread) && thread.getName().startsWith("tidegate")) {
                thread.join(Peer.PATIENCE.toMillis());
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    private static GatewayConfig configTo(ScriptedUpstream upstream) {
        return GatewayFixture.config(GatewayFixture.UNLIMITED, Peer.PATIENCE, List.of(upstream.uri()));
    }

    private static Gateway startQuietly(GatewayConfig config) {
        try {
            return Gateway.start(config);
        } catch (BindException e) {
            throw new AssertionError(e);
        }
    }
}
