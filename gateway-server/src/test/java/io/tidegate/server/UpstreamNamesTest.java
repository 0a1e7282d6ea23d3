package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.LegEnd;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.NameServer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Endpoints that are names: a real DNS server, whose answers change. */
@Timeout(60)
class UpstreamNamesTest {

    @RegisterExtension
    final UpstreamFixture fixture = new UpstreamFixture();

    private final NameServer dns = fixture.track(new NameServer());
    private final ScriptedUpstream first = fixture.server(Script.ACCEPT);
    private final String name = "ws://chat.example.test:" + first.port();

    UpstreamNamesTest() {
        fixture.dns = new DnsConfig(Duration.ofMillis(30), List.of(dns.address()));
    }

    @Test
    void aNameIsDialledAtItsAddress() throws Exception {
        dns.answer("127.0.0.1");
        fixture.start(name + "/path");
        assertThat(fixture.dial().endpoint()).hasToString(name + "/path (127.0.0.1)");
        assertThat(first.awaitConnection().target()).isEqualTo("/path");
    }

    @Test
    void eachOfItsAddressesIsAnEndpoint() throws Exception {
        ScriptedUpstream second = onSecondAddress();
        dns.answer("127.0.0.1", "127.0.0.2", "::1");
        Upstream upstream = fixture.start(name);
        fixture.dial();
        fixture.dial();
        assertThat(upstream.endpoints())
                .extracting(Endpoint::toString)
                .containsExactlyInAnyOrder(name + " (127.0.0.1)", name + " (127.0.0.2)", name + " (0:0:0:0:0:0:0:1)");
        for (int i = 0; i < 4; i++) {
            fixture.dial();
        }
        assertThat(first.connections()).isNotEmpty();
        assertThat(second.connections()).isNotEmpty();
    }

    @Test
    void anAddressThatAppearsIsUsedAndTakesItsShare() throws Exception {
        ScriptedUpstream second = onSecondAddress();
        dns.answer("127.0.0.1");
        Upstream upstream = fixture.start(name);
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 10; i++) {
            UpstreamLeg leg = fixture.dial();
            UpstreamFixture.onMove(leg, () -> moved.add(leg));
        }
        dns.answer("127.0.0.1", "127.0.0.2");
        UpstreamFixture.await("two", () -> upstream.endpoints().size() == 2);
        UpstreamFixture.await("asked to move", () -> moved.size() == 5);
        fixture.redial(UpstreamFixture.call(), UpstreamFixture.lost(moved.remove()));
        assertThat(second.connections()).hasSize(1);
    }

    @Test
    void oneThatVanishesIsLeftAndForgotten() throws Exception {
        onSecondAddress();
        dns.answer("127.0.0.1", "127.0.0.2");
        Upstream upstream = fixture.start(name);
        UpstreamLeg immovable = fixture.dial();
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 6; i++) {
            UpstreamLeg leg = fixture.dial();
            UpstreamFixture.onMove(leg, () -> moved.add(leg));
        }
        fixture.end(fixture.dial(), LegEnd.ENDED);
        dns.answer("127.0.0.2");
        UpstreamFixture.await("asked to move", () -> moved.size() == 3);
        assertThat(moved).allMatch(leg -> leg.endpoint().toString().endsWith("(127.0.0.1)"));
        assertThat(fixture.dial().endpoint().toString()).endsWith("(127.0.0.2)");
        assertThat(upstream.endpoints()).as("as long as legs are left").hasSize(2);
        moved.forEach(leg -> fixture.end(leg, LegEnd.ENDED));
        fixture.end(immovable, LegEnd.ENDED);
        UpstreamFixture.await("forgotten", () -> upstream.endpoints().size() == 1);
    }

    @Test
    void oneWithoutLegsIsForgottenAtOnceAndComesBackAsNew() throws Exception {
        dns.answer("127.0.0.1", "127.0.0.2");
        Upstream upstream = fixture.start(name);
        UpstreamFixture.await("two", () -> upstream.endpoints().size() == 2);
        dns.answer("127.0.0.1");
        UpstreamFixture.await("one", () -> upstream.endpoints().size() == 1);
        assertThat(upstream.endpoints()).extracting(Endpoint::toString).containsExactly(name + " (127.0.0.1)");
        dns.answer("127.0.0.1", "127.0.0.2");
        UpstreamFixture.await("two again", () -> upstream.endpoints().size() == 2);
    }

    @Test
    void aLookUpThatFailsKeepsWhatThereIsAndWarnsOnce() throws Exception {
        try (LogCapture log = LogCapture.start()) {
            dns.answer("127.0.0.1");
            fixture.start(name);
            fixture.dial();
            dns.fail(DnsResponseCode.SERVFAIL);
            int asked = dns.questions();
            UpstreamFixture.await("asked again and again", () -> dns.questions() > asked + 20);
            fixture.dial();
            assertThat(log.atLeast(Level.WARN))
                    .filteredOn(line -> line.getFormattedMessage().contains("chat.example.test can't be looked up"))
                    .hasSize(1);
        }
    }

    @Test
    void aNameThatDoesNotExistFailsTheDialAndIsNamed() {
        dns.fail(DnsResponseCode.NXDOMAIN);
        fixture.start(name);
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        failure -> assertThat(failure.failure()).isEqualTo(Failure.UPSTREAM_FAILED))
                .hasMessageContaining("chat.example.test");
    }

    @Test
    void aNameServerThatDoesNotAnswerIsWaitedForWithinTheTimeout() {
        dns.beSilent();
        fixture.connectTimeout = Duration.ofMillis(200);
        fixture.start(name);
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        failure -> assertThat(failure.failure()).isEqualTo(Failure.UPSTREAM_TIMEOUT))
                .hasMessageContaining("chat.example.test");
    }

    @Test
    void whatTheHostsFileKnowsIsNotAskedFor() {
        fixture.start("ws://localhost:" + first.port());
        assertThat(fixture.dial().endpoint()).hasToString("ws://localhost:" + first.port());
        assertThat(dns.questions()).isZero();
    }

    private ScriptedUpstream onSecondAddress() throws Exception {
        return fixture.track(ScriptedUpstream.start(
                Script.ACCEPT, new InetSocketAddress(InetAddress.getByName("127.0.0.2"), first.port())));
    }
}
