package io.tidegate.server;

import static io.tidegate.server.UpstreamFixture.call;
import static io.tidegate.server.UpstreamFixture.lost;
import static io.tidegate.server.UpstreamFixture.onMove;
import static io.tidegate.server.UpstreamFixture.sessions;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerState;
import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.upstream.Attempt;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.LegEnd;
import io.tidegate.server.upstream.Redial;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Legs in place of others: after a loss, a drain, or when an endpoint has come back. */
@Timeout(60)
class UpstreamRedialTest {

    @RegisterExtension
    final UpstreamFixture fixture = new UpstreamFixture();

    private final ScriptedUpstream server = fixture.server(Script.ACCEPT);

    // one session

    @Test
    void otherEndpointsArePreferredToTheOneThatWasLost() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        fixture.start(server, other);
        for (int i = 0; i < 6; i++) {
            UpstreamLeg leg = fixture.dial();
            assertThat(fixture.redial(call(), lost(leg)).endpoint()).isNotSameAs(leg.endpoint());
        }
    }

    @Test
    void theOneThatWasLostWillDoIfThereIsNoOther() {
        fixture.start(server, ReservedPort.nobody());
        UpstreamLeg leg = fixture.dial();
        Redial run = lost(leg);
        assertThat(fixture.redial(call(), run).endpoint()).isSameAs(leg.endpoint());
        assertThat(run.attempts()).isEqualTo(2);
    }

    @Test
    void goesOnUntilTheEndpointIsBackAndAtMostAFewDialsAreMadeInVain() {
        Upstream upstream = fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        server.kill();
        leg.over(LegEnd.LOST);
        Redial run = lost(leg);
        Queue<UpstreamLeg> legs = new ConcurrentLinkedQueue<>();
        Disposable redial = fixture.redialling(call(), run).subscribe(legs::add);
        UpstreamFixture.await("open", () -> fixture.endpoint(server).breakerState() == BreakerState.OPEN);
        assertThat(upstream.waiting()).isLessThanOrEqualTo(1);
        assertThat(run.attempts()).isLessThanOrEqualTo(5);

        server.restart();
        UpstreamFixture.await("a new leg", () -> !legs.isEmpty());
        UpstreamFixture.await("nobody waits", () -> upstream.waiting() == 0);
        assertThat(redial.isDisposed()).isTrue();
    }

    @Test
    void whoGivesUpLeavesTheLine() {
        Upstream upstream = fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        upstream.drain(leg.endpoint());
        Queue<UpstreamLeg> legs = new ConcurrentLinkedQueue<>();
        Disposable first = fixture.redialling(call(), lost(leg)).subscribe(legs::add);
        Disposable second = fixture.redialling(call(), lost(leg)).subscribe(legs::add);
        UpstreamFixture.await("both wait", () -> upstream.waiting() == 2);
        first.dispose();
        UpstreamFixture.await("one waits", () -> upstream.waiting() == 1);

        upstream.undrain(leg.endpoint());
        UpstreamFixture.await("the other has a leg", () -> legs.size() == 1);
        UpstreamFixture.await("nobody waits", () -> upstream.waiting() == 0);
        assertThat(leg.endpoint().connections()).as("nobody else has").isEqualTo(2);
        assertThat(second.isDisposed()).isTrue();
    }

    @Test
    void whoGivesUpWhileDiallingLeavesNothingBehind() {
        fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        server.script(Script.SILENT);
        Disposable redial = fixture.redialling(call(), lost(leg)).subscribe();
        UpstreamFixture.await("dialling", () -> server.connections().size() == 2);
        redial.dispose();
        server.connections().get(1).awaitEnd();
        UpstreamFixture.await("given back", () -> leg.endpoint().connections() == 1);
    }

    @Test
    void aLegThatWouldBeAnotherThanTheClientWasToldIsNotTaken() {
        server.next(c -> c.accept(a -> a.subprotocol("v2")));
        server.next(c -> c.accept(a -> a.subprotocol("v1")));
        server.next(Script.ACCEPT);
        server.next(c -> c.accept(a -> a.subprotocol("v2")));
        fixture.start(server);
        Call call = call(List.of("v1", "v2"), null);
        UpstreamLeg leg = fixture.dial(call);
        Redial run = lost(leg);
        UpstreamLeg next = fixture.redial(call.agreedOn(leg.answer()), run);
        assertThat(next.answer().subprotocol()).isEqualTo("v2");
        assertThat(run.attempts()).isEqualTo(3);
        server.connections().get(1).awaitEnd();
        server.connections().get(2).awaitEnd();
    }

    /** The endpoint answers as it should; only this session can't do with that. */
    @Test
    void legsThatDoNotFitASessionKeepNobodyElseAway() {
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.start(server);
        server.script(c -> c.accept(a -> a.subprotocol("v1")));
        Call call = call(List.of("v1", "v2"), null);
        UpstreamLeg leg = fixture.dial(call);
        Redial run = lost(leg);
        server.script(c -> {
            if (c.request().header("Sec-WebSocket-Protocol") == null) {
                c.accept();
            } else {
                c.accept(a -> a.subprotocol("v2"));
            }
        });
        Disposable redial = fixture.redialling(call.agreedOn(leg.answer()), run).subscribe();
        UpstreamFixture.await("many in vain", () -> run.attempts() > 8);
        redial.dispose();
        assertThat(leg.endpoint().transitionsTo(BreakerState.OPEN)).isZero();
        assertThat(fixture.dial().endpoint()).isSameAs(leg.endpoint());
    }

    /** Some servers don't like to be asked by anybody but their clients. */
    @Test
    void anEndpointThatTurnsTheGatewayAwayIsNotTakenForLost() {
        Script picky = Script.ACCEPT.except(UpstreamFixture::isCheck, Script.HANG_UP_HARD);
        server.script(picky);
        ScriptedUpstream other = fixture.server(picky);
        fixture.start(server, other);
        UpstreamLeg leg = fixture.dial();
        fixture.end(leg, LegEnd.LOST);
        UpstreamFixture.await(
                "looked at",
                () -> Stream.of(server, other)
                        .flatMap(each -> each.connections().stream())
                        .anyMatch(UpstreamFixture::isCheck));
        for (int i = 0; i < 10; i++) {
            fixture.dial();
        }
        assertThat(fixture.endpoint(server).connections()).isEqualTo(5);
        assertThat(fixture.endpoint(server).isFailing()).isFalse();
        assertThat(fixture.endpoint(other).isFailing()).isFalse();
    }

    @Test
    void whileAllFailTheirChecksTheOneThatWasLostIsTheLastToBeTried() {
        ScriptedUpstream sick =
                fixture.server(Script.ACCEPT.except(UpstreamFixture::isCheck, Script.refuse(500, "sick")));
        fixture.health = new HealthConfig(Duration.ofMillis(20), Duration.ofSeconds(5));
        fixture.start(sick, ReservedPort.nobody());
        UpstreamFixture.await(
                "found sick", () -> fixture.upstream().endpoints().stream().allMatch(Endpoint::isFailing));
        Endpoint dead = fixture.upstream().endpoints().get(1);
        for (int i = 0; i < 4; i++) {
            assertThat(fixture.redial(call(), new Redial(dead, System.nanoTime()))
                            .endpoint())
                    .isSameAs(fixture.endpoint(sick));
        }
        assertThat(dead.dials()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410})
    void aFinalRefusalEndsIt(int status) {
        fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        server.script(Script.refuse(status, "no"));
        assertThat(UpstreamFixture.failure(fixture.redialling(call(), lost(leg))))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status().code()).isEqualTo(status));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 503})
    void aRefusalForNowDoesNot(int status) {
        fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        server.next(Script.refuse(status, "not now"));
        Redial run = lost(leg);
        fixture.redial(call(), run);
        assertThat(run.attempts()).isEqualTo(2);
    }

    // storms

    @Test
    void aStormReachesAnEndpointAtThePaceThatWasSet() {
        int sessions = 500;
        fixture.reconnectRate = 2000;
        int burst = 2000 / 20;
        Queue<Long> arrivals = new ConcurrentLinkedQueue<>();
        Upstream upstream = fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        server.script(c -> {
            arrivals.add(System.nanoTime());
            c.accept();
        });
        long start = System.nanoTime();
        List<UpstreamLeg> legs = Flux.merge(
                        Flux.range(0, sessions).map(i -> fixture.redialling(call(), lost(leg))), sessions)
                .collectList()
                .block(Peer.PATIENCE);
        assertThat(legs).hasSize(sessions);
        List<Long> sorted = arrivals.stream().sorted().toList();
        for (int i = 0; i < sessions; i++) {
            double seconds = (sorted.get(i) - start) / 1e9;
            // Whoever comes late makes it more; to be too early is not possible.
            assertThat((double) i).isLessThanOrEqualTo(burst + 2000 * seconds);
        }
        assertThat(leg.endpoint().dials()).isEqualTo(1 + sessions);
        UpstreamFixture.await("nobody waits", () -> upstream.waiting() == 0);
    }

    @Test
    void aStormThatFindsNobodyWaitsAndComesBackInOrder() {
        int sessions = 1000;
        fixture.reconnectRate = 1000;
        Upstream upstream = fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        Endpoint endpoint = leg.endpoint();
        server.kill();
        Queue<UpstreamLeg> legs = new ConcurrentLinkedQueue<>();
        IntStream.range(0, sessions)
                .forEach(i -> fixture.redialling(call(), lost(leg)).subscribe(legs::add));
        UpstreamFixture.await("open", () -> endpoint.breakerState() == BreakerState.OPEN);
        UpstreamFixture.await("all wait", () -> upstream.waiting() == sessions);
        long inVain = endpoint.dials();
        assertThat(inVain)
                .as("dials until the first ones were known to be in vain")
                .isLessThan(sessions);

        server.restart();
        UpstreamFixture.await("all are back", () -> legs.size() == sessions);
        assertThat(endpoint.transitionsTo(BreakerState.CLOSED)).isEqualTo(1);
        assertThat(endpoint.dials()).isEqualTo(inVain + sessions);
        assertThat(endpoint.connections())
                .as("and the one that was never given back")
                .isEqualTo(sessions + 1);
    }

    // drain

    @Test
    void aDrainedEndpointIsLeftByThoseWhoCan() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, other);
        Endpoint drained = fixture.endpoint(server);
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        List<UpstreamLeg> there = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            UpstreamLeg leg = fixture.dial();
            onMove(leg, () -> moved.add(leg));
            if (leg.endpoint() == drained) {
                there.add(leg);
            }
        }
        upstream.drain(drained);
        UpstreamFixture.await("all are asked", () -> moved.size() == 10);
        assertThat(moved).containsExactlyInAnyOrderElementsOf(there);
        assertThat(drained.isDrained()).isTrue();
        for (int i = 0; i < 4; i++) {
            assertThat(fixture.dial().endpoint()).isSameAs(fixture.endpoint(other));
        }
        assertThat(fixture.redial(call(), lost(fixture.dial())).endpoint()).isSameAs(fixture.endpoint(other));
    }

    @Test
    void aLegThatCameTooLateToBeAskedIsAskedAtOnce() {
        Upstream upstream = fixture.start(server, fixture.server(Script.ACCEPT));
        UpstreamLeg leg = fixture.dial();
        upstream.drain(leg.endpoint());
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        onMove(leg, () -> moved.add(leg));
        UpstreamFixture.await("asked", () -> moved.size() == 1);
    }

    @Test
    void nobodyIsSentAwayWhileThereIsNowhereToGo() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, other);
        upstream.drain(fixture.endpoint(other));
        UpstreamLeg leg = fixture.dial();
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        onMove(leg, () -> moved.add(leg));
        upstream.drain(leg.endpoint());
        assertThat(fixture.dialFails()).hasMessageContaining("drained");
        assertThat(moved).isEmpty();
        upstream.undrain(fixture.endpoint(other));
        UpstreamFixture.await("asked", () -> moved.size() == 1);
    }

    @Test
    void aLegThatIsOverIsNotAsked() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, other);
        upstream.drain(fixture.endpoint(other));
        Queue<UpstreamLeg> moved = new ConcurrentLinkedQueue<>();
        UpstreamLeg over = fixture.dial();
        onMove(over, () -> moved.add(over));
        UpstreamLeg up = fixture.dial();
        onMove(up, () -> moved.add(up));
        fixture.end(over, LegEnd.ENDED);
        upstream.undrain(fixture.endpoint(other));
        upstream.drain(up.endpoint());
        UpstreamFixture.await("asked", () -> !moved.isEmpty());
        assertThat(moved).containsExactly(up);
    }

    // rebalancing

    @Test
    void whenAnEndpointReturnsLegsMoveThereUntilAllHaveTheirShare() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, other);
        Endpoint returning = fixture.endpoint(other);
        upstream.drain(returning);
        for (int i = 0; i < 40; i++) {
            moving(fixture.dial());
        }
        upstream.undrain(returning);
        UpstreamFixture.await(
                "even", () -> fixture.endpoint(server).connections() == 20 && returning.connections() == 20);
        assertThat(sessions(other)).hasSize(20);
        UpstreamFixture.await("nobody waits", () -> upstream.waiting() == 0);
    }

    @Test
    void legsThatCanNotMoveStay() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, other);
        upstream.drain(fixture.endpoint(other));
        for (int i = 0; i < 20; i++) {
            UpstreamLeg leg = fixture.dial();
            if (i < 3) {
                moving(leg);
            }
        }
        upstream.undrain(fixture.endpoint(other));
        UpstreamFixture.await("moved", () -> fixture.endpoint(server).connections() == 17);
        assertThat(fixture.endpoint(other).connections()).isEqualTo(3);
    }

    /** Nobody dials it while it is away, so its breaker never opens. */
    @Test
    void anEndpointThatNobodyMissedTakesItsShareAgain() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        fixture.breaker = fixture.breaker.withWindow(1000, 1000);
        fixture.start(server, other);
        Endpoint away = fixture.endpoint(server);
        List<UpstreamLeg> lost = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            UpstreamLeg leg = fixture.dial();
            if (leg.endpoint() == away) {
                lost.add(leg);
            } else {
                moving(leg);
            }
        }
        server.kill();
        for (UpstreamLeg leg : lost) {
            leg.over(LegEnd.LOST);
            moving(fixture.redial(call(), lost(leg)));
        }
        assertThat(fixture.endpoint(other).connections()).isEqualTo(40);
        UpstreamFixture.await("missed", away::isFailing);

        server.restart();
        UpstreamFixture.await(
                "even",
                () -> away.connections() == 20 && fixture.endpoint(other).connections() == 20);
        assertThat(away.transitionsTo(BreakerState.OPEN)).isZero();
    }

    @Test
    void withHashesLegsGoHomeAndNoOthers() {
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        fixture.balance = new BalanceConfig(Balance.HASH_HEADER, "X-User");
        Upstream upstream = fixture.start(server, other);
        List<String> atHome = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            UpstreamLeg leg = fixture.dial(call("X-User", "user " + i));
            if (leg.endpoint() == fixture.endpoint(other)) {
                atHome.add("user " + i);
            }
            fixture.end(leg, LegEnd.ENDED);
        }
        upstream.drain(fixture.endpoint(other));
        Queue<String> moved = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 40; i++) {
            String user = "user " + i;
            onMove(fixture.dial(call("X-User", user)), () -> moved.add(user));
        }
        upstream.undrain(fixture.endpoint(other));
        UpstreamFixture.await("asked", () -> moved.size() >= atHome.size());
        assertThat(moved).containsExactlyInAnyOrderElementsOf(atHome).isNotEmpty();
    }

    /** Does what a session does when it is asked to go on with another leg, but that it doesn't wait before it may be asked again. */
    private void moving(UpstreamLeg leg, String... header) {
        leg.onMove(move(leg, header));
    }

    private Consumer<Attempt> move(UpstreamLeg leg, String... header) {
        return other -> fixture.dialling(call(header), other)
                .subscribe(
                        next -> {
                            fixture.end(leg, LegEnd.ENDED);
                            moving(next, header);
                        },
                        failure -> {
                            leg.couldNotMove(other.endpoint(), failure);
                            leg.canMoveAgain();
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 503})
    void whoseMoveIsInVainStaysAndOthersAreAskedInstead(int status) {
        ScriptedUpstream other = fixture.server(unlessUnwelcome(status));
        fixture.breaker = fixture.breaker.withWindow(1000, 1000);
        Upstream upstream = fixture.start(server, other);
        Endpoint returning = fixture.endpoint(other);
        upstream.drain(returning);
        for (int i = 0; i < 40; i++) {
            String[] header = {"X-Welcome", i % 2 == 0 ? "no" : "yes"};
            moving(fixture.dial(call(header)), header);
        }
        upstream.undrain(returning);
        // 20 can move, and a fifth more than its share and one is what an endpoint keeps.
        UpstreamFixture.await(
                "as good as even",
                () -> fixture.endpoint(server).connections() <= 25
                        && fixture.endpoint(server).connections() + returning.connections() == 40);
        assertThat(sessions(server)).as("nobody was sent where it came from").hasSize(40);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 503})
    void whoIsTurnedAwayAtOneEndpointGoesToAnother(int status) {
        ScriptedUpstream picky = fixture.server(unlessUnwelcome(status));
        ScriptedUpstream kind = fixture.server(Script.ACCEPT);
        fixture.breaker = fixture.breaker.withWindow(1000, 1000);
        Upstream upstream = fixture.start(server, picky, kind);
        upstream.drain(fixture.endpoint(picky));
        upstream.drain(fixture.endpoint(kind));
        for (int i = 0; i < 20; i++) {
            moving(fixture.dial(call("X-Welcome", "no")), "X-Welcome", "no");
        }
        upstream.undrain(fixture.endpoint(picky));
        upstream.undrain(fixture.endpoint(kind));
        upstream.drain(fixture.endpoint(server));
        UpstreamFixture.await("all have moved", () -> fixture.endpoint(kind).connections() == 20);
        assertThat(fixture.endpoint(picky).dials()).as("each asked once").isLessThanOrEqualTo(20);
    }

    @Test
    void whoIsTurnedAwayForNowIsNotSentToTheSameEndpointAgainAndAgain() {
        AtomicBoolean notYet = new AtomicBoolean();
        ScriptedUpstream busy = fixture.server(unlessUnwelcome(429));
        ScriptedUpstream late = fixture.server(
                Script.ACCEPT.except(connection -> notYet.getAndSet(false), Script.refuse(503, "not yet")));
        fixture.breaker = fixture.breaker.withWindow(1000, 1000);
        Upstream upstream = fixture.start(server, busy, late);
        upstream.drain(fixture.endpoint(busy));
        upstream.drain(fixture.endpoint(server));
        for (int i = 0; i < 5; i++) {
            // So that it is never the one that has the least to do.
            fixture.dial(call());
        }
        upstream.undrain(fixture.endpoint(server));
        upstream.drain(fixture.endpoint(late));
        moving(fixture.dial(call("X-Welcome", "no")), "X-Welcome", "no");
        notYet.set(true);
        upstream.undrain(fixture.endpoint(busy));
        upstream.undrain(fixture.endpoint(late));
        upstream.drain(fixture.endpoint(server));
        UpstreamFixture.await("it has moved", () -> fixture.endpoint(late).connections() == 6);
        assertThat(fixture.endpoint(busy).dials()).isLessThanOrEqualTo(2);
    }

    @Test
    void whoIsTurnedAwayEverywhereHoldsUpNobodyAndGoesWhenThereIsAnother() {
        ScriptedUpstream picky = fixture.server(unlessUnwelcome(401));
        ScriptedUpstream kind = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server, picky, kind);
        Endpoint welcome = fixture.endpoint(picky);
        Endpoint last = fixture.endpoint(kind);
        upstream.drain(welcome);
        upstream.drain(last);
        for (int i = 0; i < 10; i++) {
            moving(fixture.dial(call("X-Welcome", "no")), "X-Welcome", "no");
        }
        UpstreamFixture.await("all are there", () -> fixture.endpoint(server).connections() == 10);
        upstream.drain(fixture.endpoint(server));
        upstream.undrain(welcome);
        UpstreamFixture.await("all were asked", () -> welcome.dials() == 10 && welcome.connections() == 0);

        upstream.undrain(fixture.endpoint(server));
        upstream.drain(welcome);
        UpstreamLeg kindly = fixture.dial(call());
        moving(kindly);
        upstream.undrain(welcome);
        upstream.drain(fixture.endpoint(server));
        UpstreamFixture.await(
                "the one who may has moved",
                () -> welcome.connections() == 1 && fixture.endpoint(server).connections() == 10);
        assertThat(welcome.dials()).as("a final answer is not asked for again").isEqualTo(11);

        upstream.undrain(last);
        UpstreamFixture.await(
                "all have moved",
                () -> last.connections() == 10 && fixture.endpoint(server).connections() == 0);
    }

    @Test
    void thoseWhoCouldNotLeaveAreThereStill() {
        ScriptedUpstream other = fixture.server(unlessUnwelcome(401));
        Upstream upstream = fixture.start(server, other);
        Endpoint first = fixture.endpoint(server);
        Endpoint second = fixture.endpoint(other);
        upstream.drain(second);
        for (int i = 0; i < 20; i++) {
            moving(fixture.dial(call("X-Welcome", "no")), "X-Welcome", "no");
        }
        upstream.undrain(second);
        upstream.drain(first);
        for (int i = 0; i < 20; i++) {
            moving(fixture.dial(call()));
        }
        UpstreamFixture.await("all were asked", () -> second.dials() == 40);
        UpstreamFixture.await("all were refused", () -> second.connections() == 20);
        for (int i = 0; i < 50; i++) {
            // Each time what is uneven, or seems so, is looked for.
            upstream.undrain(first);
            fixture.end(fixture.dial(), LegEnd.ENDED);
            assertThat(first.connections()).as("it has its share").isLessThanOrEqualTo(22);
            upstream.drain(first);
        }
    }

    private static Script unlessUnwelcome(int status) {
        return Script.ACCEPT.except(
                connection -> "no".equals(connection.request().header("X-Welcome")), Script.refuse(status, "not you"));
    }

    @Test
    void aMoveNeverLeadsWhereTheLegIsAlready() {
        Upstream upstream = fixture.start(server, ReservedPort.nobody());
        UpstreamLeg leg = fixture.dial();
        assertThat(leg.endpoint()).isSameAs(fixture.endpoint(server));
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        leg.onMove(other -> fixture.dialling(call(), other).subscribe(next -> {}, failures::add));
        upstream.drain(leg.endpoint());
        UpstreamFixture.await("in vain", () -> !failures.isEmpty());
        assertThat(failures.get(0)).isInstanceOf(GatewayException.class);
        assertThat(sessions(server)).hasSize(1);
    }

    @Test
    void aLegThatStaysIsAskedAgain() {
        Upstream upstream = fixture.start(server, fixture.server(Script.ACCEPT));
        UpstreamLeg leg = fixture.dial();
        Queue<Endpoint> asked = new ConcurrentLinkedQueue<>();
        leg.onMove(other -> {
            asked.add(other.endpoint());
            other.giveBack();
            leg.couldNotMove();
            if (asked.size() < 3) {
                leg.canMoveAgain();
            }
        });
        upstream.drain(leg.endpoint());
        upstream.drain(leg.endpoint());
        UpstreamFixture.await("asked", () -> asked.size() == 3);
        assertThat(asked).doesNotContain(leg.endpoint());
        assertThat(upstream.endpoints()).allMatch(endpoint -> endpoint.connections() <= 1);
    }

    @Test
    void aLegThatIsLostAgainWaitsBeforeTheNextDial() {
        fixture.retry = fixture.retry.withBackoff(Duration.ofMillis(1), UpstreamFixture.FOREVER);
        Upstream upstream = fixture.start(server);
        UpstreamLeg leg = fixture.dial();
        Redial run = new Redial(leg.endpoint(), System.nanoTime() - UpstreamFixture.FOREVER.toNanos());
        UpstreamLeg early = fixture.redial(call(), run);
        run.lostAgain(early.endpoint());
        fixture.end(early, LegEnd.LOST);
        Disposable again = fixture.redialling(call(), run).subscribe();
        fixture.redial(call(), lost(leg));
        assertThat(run.attempts()).as("somewhere in the next hour").isEqualTo(1);
        UpstreamFixture.await("nobody waits", () -> upstream.waiting() == 0);
        again.dispose();
    }
}
