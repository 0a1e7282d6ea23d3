package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.frame.Sender;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.leg.LegMeter;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.WireFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A gateway that nobody can ask measures nothing; what it counts, it counts. */
@Timeout(60)
class OffTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void withoutAnAdminPortNothingIsMeasuredAndAllIsCounted() {
        Gateway gateway = talked(false);
        RouteTraffic route = gateway.traffic().get(0);
        assertThat(route.isMeasured()).isFalse();
        assertThat(recorded(gateway)).isZero();
        assertCounted(route);
    }

    @Test
    void withAnAdminPortTheSameIsMeasured() {
        Gateway gateway = talked(true);
        assertThat(gateway.traffic().get(0).isMeasured()).isTrue();
        // Sizes and relay times of three messages each way, a handshake, three waits, and a ping or more.
        assertThat(recorded(gateway)).isGreaterThanOrEqualTo(2 * 2 * 3 + 1 + 3 + 1);
        assertCounted(gateway.traffic().get(0));
    }

    @Test
    void legsOfARouteThatIsNotMeasuredHaveNoMeter() {
        DefaultEventLoop loop = new DefaultEventLoop();
        try {
            RouteTraffic off = new RouteTraffic("/", true, false, 1);
            assertThat(off.on(loop).clientMeter()).isSameAs(LegMeter.NONE);
            assertThat(off.on(loop).upstreamMeter()).isSameAs(LegMeter.NONE);
            RouteTraffic on = new RouteTraffic("/", true, true, 1);
            assertThat(on.on(loop).clientMeter()).isNotSameAs(LegMeter.NONE);
            assertThat(on.on(loop).upstreamMeter()).isNotSameAs(LegMeter.NONE);
        } finally {
            loop.shutdownGracefully();
        }
    }

    @Test
    void aLegWithoutAMeterLooksAtNoClock() {
        Leg off = legThatReads(LegMeter.NONE);
        assertThat(off.readNanos()).isZero();
        assertThat(off.meanFlushNanos()).isZero();
        Leg on = legThatReads(new LegMeter() {
            @Override
            public void onMessages(long payloadBytes, int messages) {}

            @Override
            public void onFlushed(long nanos, int messages) {}
        });
        assertThat(on.readNanos()).isNotZero();
    }

    private static Leg legThatReads(LegMeter meter) {
        Leg leg = new Leg(Sender.SERVER, FrameLimits.NONE, Granularity.FRAMES, false, meter);
        EmbeddedChannel channel = new EmbeddedChannel(leg);
        List<FrameBatch> batches = new ArrayList<>();
        leg.receive().subscribe(batches::add, failure -> {});
        channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text("hello").bytes()));
        assertThat(batches).hasSize(1);
        leg.write(batches.get(0), leg.readNanos());
        channel.finishAndReleaseAll();
        return leg;
    }

    /** A gateway that has passed three messages each way, and is stopped. */
    private Gateway talked(boolean withAdmin) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        GatewayConfig config = Routes.RECONNECT.with(Confirm.PING).to(upstream);
        Gateway gateway = fixture.start(GatewayFixture.withAdmin(config, withAdmin ? config.admin() : null));
        assertThat(gateway.admin() == null).isNotEqualTo(withAdmin);
        try (ScriptedClient client = ScriptedClient.connect(fixture.address(), "/")) {
            for (String text : List.of("1", "22", "333")) {
                client.send(Frame.text(text));
                client.awaitFrame();
            }
            fixture.awaitAccounting(books -> books.delivered() == 3);
            client.sendClose(4001, "");
            client.awaitEnd();
            fixture.awaitState(SessionState.CLOSED, 1);
        }
        gateway.stop(Peer.PATIENCE);
        fixture.forget();
        return gateway;
    }

    private static void assertCounted(RouteTraffic route) {
        for (Direction direction : Direction.values()) {
            assertThat(route.messages(direction)).isEqualTo(3);
            assertThat(route.bytes(direction)).isEqualTo(6);
        }
        assertThat(route.results()).containsEntry("opened", 1L);
        assertThat(route.accounting().delivered()).isEqualTo(3);
        assertThat(route.active()).isZero();
        assertThat(route.closes(Initiator.CLIENT).size()).as("codes").isEqualTo(1);
    }

    /** How many values were recorded, seen or not yet. */
    private static long recorded(Gateway gateway) {
        return gateway.traffic().stream()
                .map(RouteTraffic::histograms)
                .flatMap(Collection::stream)
                .mapToLong(StripedHistogram::activity)
                .sum();
    }
}
