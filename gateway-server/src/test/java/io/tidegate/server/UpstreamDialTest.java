package io.tidegate.server;

import static io.tidegate.server.UpstreamFixture.sessions;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerState;
import io.tidegate.server.config.upstream.Balance;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.failure.UnavailableException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.LegEnd;
import io.tidegate.server.upstream.RetryResult;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Dials before a client's 101, and what breakers and checks make of them. */
@Timeout(60)
class UpstreamDialTest {

    @RegisterExtension
    final UpstreamFixture fixture = new UpstreamFixture();

    // other endpoints, retries

    @Test
    void whenOneFailsAnotherIsTriedAtOnce() {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        fixture.retry = fixture.retry.withBackoff(UpstreamFixture.FOREVER, UpstreamFixture.FOREVER);
        Upstream upstream = fixture.start(ReservedPort.nobody(), server, ReservedPort.nobody());
        for (int i = 0; i < 4; i++) {
            assertThat(fixture.dial().endpoint()).isSameAs(fixture.endpoint(server));
        }
        assertThat(upstream.retries(RetryResult.SUCCESS)).isPositive();
    }

    @Test
    void whenAllHaveBeenTriedOneIsTriedAgainLater() {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        server.next(Script.HANG_UP);
        server.next(Script.HANG_UP);
        Upstream upstream = fixture.start(server);
        fixture.dial();
        assertThat(upstream.retries(RetryResult.FAILURE)).isEqualTo(1);
        assertThat(upstream.retries(RetryResult.SUCCESS)).isEqualTo(1);
    }

    @Test
    void attemptsAreCountedAndAllReasonsTold() {
        ScriptedUpstream server = fixture.server(Script.HANG_UP);
        URI nobody = ReservedPort.nobody();
        fixture.retry = fixture.retry.withMaxAttempts(3);
        Upstream upstream = fixture.start(server, nobody);
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        failure -> assertThat(failure.failure()).isEqualTo(Failure.UPSTREAM_FAILED))
                .hasMessageContaining(server.uri() + ": it closed the connection before it answered the handshake")
                .hasMessageContaining(nobody + ": ");
        assertThat(upstream.endpoints().stream().mapToLong(Endpoint::dials).sum())
                .isEqualTo(3);
        assertThat(upstream.retries(RetryResult.FAILURE)).isEqualTo(2);
    }

    @Test
    void withoutBudgetThereIsNoRetry() {
        fixture.retryBudget = 0;
        fixture.breaker = fixture.breaker.withWindow(1000, 1000);
        Upstream upstream = fixture.start(ReservedPort.nobody());
        // The allowance of the first second, and of the seconds that this takes.
        UpstreamFixture.await("the budget is used up", () -> {
            fixture.dialFails();
            return upstream.retries(RetryResult.DENIED) > 0;
        });
    }

    @Test
    void theDeadlineEndsAttemptsAndAnswersWithWhatFailed() {
        fixture.retry = fixture.retry.withDeadline(Duration.ofSeconds(3));
        ScriptedUpstream server = fixture.server(Script.SILENT);
        server.next(Script.HANG_UP);
        fixture.start(server);
        assertThat(fixture.dialFails()).hasMessageContaining("it closed the connection before it answered");
        server.connections().forEach(UpstreamConnection::awaitEnd);
        assertThat(fixture.endpoint(server).connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 429, 503})
    void aRefusalIsTheAnswer(int status) {
        ScriptedUpstream server = fixture.server(Script.refuse(status, "no"));
        ScriptedUpstream other = fixture.server(Script.ACCEPT);
        fixture.start(server, other);
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status().code()).isEqualTo(status));
        assertThat(other.connections()).isEmpty();
    }

    // breakers

    @Test
    void refusalsCountAsFailuresFrom500On() {
        ScriptedUpstream unwilling = fixture.server(Script.refuse(403, "no"));
        ScriptedUpstream broken = fixture.server(Script.refuse(500, "no"));
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.start(unwilling, broken);
        for (int i = 0; i < 8; i++) {
            fixture.dialFails();
        }
        assertThat(fixture.endpoint(unwilling).breakerState()).isEqualTo(BreakerState.CLOSED);
        assertThat(fixture.endpoint(broken).transitionsTo(BreakerState.OPEN)).isEqualTo(1);
    }

    @Test
    void timeoutsOpenTheBreakerAndThenNobodyIsKeptWaiting() {
        ScriptedUpstream server = fixture.server(Script.SILENT);
        fixture.connectTimeout = Duration.ofSeconds(2);
        fixture.breaker = fixture.breaker.withWindow(2, 2);
        Upstream upstream = fixture.start(server);
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        GatewayException.class,
                        failure -> assertThat(failure.failure()).isEqualTo(Failure.UPSTREAM_TIMEOUT));
        assertThat(fixture.endpoint(server).dials())
                .as("none through an open breaker")
                .isEqualTo(2);
        assertThat(upstream.isUsable()).isFalse();
        assertThat(fixture.dialFails())
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        unavailable ->
                                assertThat(unavailable.retryAfterSeconds()).isBetween(3_000L, 3_600L))
                .hasMessageContaining("upstream u has no endpoint that may be tried")
                .hasMessageContaining(server.uri() + ": breaker open after: it did not answer the handshake");
        assertThat(fixture.endpoint(server).dials()).isEqualTo(2);
    }

    @Test
    void anOpenBreakerFindsOutByItselfThatItsEndpointIsBackAndCloses() {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        Upstream upstream = fixture.start(server);
        Endpoint endpoint = fixture.endpoint(server);
        server.kill();
        fixture.dialFails();
        assertThat(endpoint.breakerState()).isEqualTo(BreakerState.OPEN);

        server.restart();
        UpstreamFixture.await("half-open, long before its wait is over", upstream::isUsable);
        for (int i = 0; i < 3; i++) {
            fixture.dial();
        }
        assertThat(endpoint.breakerState()).isEqualTo(BreakerState.CLOSED);
        assertThat(endpoint.transitionsTo(BreakerState.OPEN)).isEqualTo(1);
        assertThat(endpoint.transitionsTo(BreakerState.HALF_OPEN)).isEqualTo(1);
        assertThat(endpoint.transitionsTo(BreakerState.CLOSED)).isEqualTo(1);
    }

    @Test
    void aLookAtAnEndpointIsAHandshakeOfItsOwnThatEndsWithClose() {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        URI withPath = URI.create(server.uri() + "/chat");
        Upstream upstream = fixture.start(withPath);
        server.kill();
        fixture.dialFails();
        server.restart();
        UpstreamFixture.await("half-open", upstream::isUsable);
        UpstreamConnection check = server.connections().get(server.connections().size() - 1);
        assertThat(UpstreamFixture.isCheck(check)).isTrue();
        assertThat(check.target()).isEqualTo("/chat");
        assertThat(check.request().header("Host")).isEqualTo(server.uri().getAuthority());
        assertThat(check.awaitClose().closeCode()).isEqualTo(1000);
        check.close();
    }

    @Test
    void legsThatDieEarlyOpenTheBreakerOfAnEndpointThatDropsTheGatewaysOwn() {
        ScriptedUpstream server = fixture.server(Script.DROP);
        fixture.breaker = fixture.breaker.withWindow(10, 10);
        fixture.start(server);
        loseEarly(server);
        UpstreamFixture.await("open", () -> fixture.endpoint(server).transitionsTo(BreakerState.OPEN) == 1);
        assertThat(fixture.endpoint(server).connections()).isZero();
    }

    /** What the client says may be what kills them. */
    @Test
    void legsThatDieEarlyOpenNothingWhileThoseOfTheGatewayLive() {
        ScriptedUpstream server = fixture.server(Script.ECHO);
        fixture.breaker = fixture.breaker.withWindow(10, 10);
        fixture.start(server);
        loseEarly(server);
        loseEarly(server);
        UpstreamFixture.await("looked at", () -> looks(server) > 0);
        server.connections().stream()
                .filter(UpstreamFixture::isCheck)
                .forEach(check -> assertThat(check.awaitClose().closeCode()).isEqualTo(1000));
        assertThat(fixture.endpoint(server).transitionsTo(BreakerState.OPEN)).isZero();
        assertThat(fixture.dial().endpoint()).isSameAs(fixture.endpoint(server));
    }

    /** Nobody is to be sent there because of a handshake that says nothing. */
    @Test
    void anEndpointThatDroppedItsLegsIsBackWhenOneLives() {
        ScriptedUpstream server = fixture.server(Script.DROP);
        fixture.breaker = fixture.breaker.withWindow(10, 10);
        Upstream upstream = fixture.start(server);
        loseEarly(server);
        UpstreamFixture.await("open", () -> !upstream.isUsable());
        long looks = looks(server);
        UpstreamFixture.await("looked at again", () -> looks(server) > looks + 2);
        assertThat(fixture.endpoint(server).transitionsTo(BreakerState.HALF_OPEN))
                .isZero();

        server.script(Script.ECHO);
        UpstreamFixture.await("half-open, long before its wait is over", upstream::isUsable);
    }

    private static long looks(ScriptedUpstream server) {
        return server.connections().stream().filter(UpstreamFixture::isCheck).count();
    }

    /** So often that a breaker with a window of 10 would open. */
    private void loseEarly(ScriptedUpstream server) {
        // Five are enough, unless the machine makes one of them live for longer.
        for (int i = 0; i < 20 && fixture.endpoint(server).breakerState() == BreakerState.CLOSED; i++) {
            fixture.dialling(UpstreamFixture.call())
                    .doOnNext(leg -> fixture.end(leg, LegEnd.LOST))
                    .onErrorComplete()
                    .block();
        }
    }

    @Test
    void legsThatDieLaterOrEndInAnOrdinaryWayDoNot() throws InterruptedException {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        fixture.breaker = fixture.breaker.withWindow(10, 10);
        fixture.start(server);
        List<UpstreamLeg> legs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            fixture.end(fixture.dial(), LegEnd.ENDED);
            legs.add(fixture.dial());
        }
        Thread.sleep(Endpoint.EARLY.toMillis());
        legs.forEach(leg -> fixture.end(leg, LegEnd.LOST));
        assertThat(fixture.endpoint(server).breakerState()).isEqualTo(BreakerState.CLOSED);
        assertThat(fixture.endpoint(server).connections()).isZero();
    }

    @Test
    void legsThatDoNotAnswerPingsOpenTheBreakerHoweverOldTheyAre() throws InterruptedException {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.start(server);
        List<UpstreamLeg> legs = List.of(fixture.dial(), fixture.dial());
        Thread.sleep(Endpoint.EARLY.toMillis());
        legs.forEach(leg -> fixture.end(leg, LegEnd.UNRESPONSIVE));
        UpstreamFixture.await("open", () -> fixture.endpoint(server).transitionsTo(BreakerState.OPEN) == 1);
    }

    @Test
    void legsOfTheTimeBeforeTheBreakerOpenedSayNothingAfterIt() {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.start(server);
        Endpoint endpoint = fixture.endpoint(server);
        List<UpstreamLeg> legs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            legs.add(fixture.dial());
        }
        server.kill();
        fixture.dialFails();
        assertThat(endpoint.breakerState()).isEqualTo(BreakerState.OPEN);
        server.restart();
        UpstreamFixture.await("half-open", () -> endpoint.breakerState() == BreakerState.HALF_OPEN);
        legs.subList(0, 10).forEach(leg -> fixture.end(leg, LegEnd.UNRESPONSIVE));
        for (int i = 0; i < 3; i++) {
            fixture.dial();
        }
        assertThat(endpoint.breakerState()).isEqualTo(BreakerState.CLOSED);
        legs.subList(10, 20).forEach(leg -> fixture.end(leg, LegEnd.UNRESPONSIVE));
        assertThat(endpoint.breakerSnapshot().calls()).isZero();
        assertThat(endpoint.transitionsTo(BreakerState.OPEN)).isEqualTo(1);
    }

    // clients that nobody can serve

    static List<Named<Script>> noLegs() {
        return List.of(
                Named.of("FIN", Script.HANG_UP),
                Named.of("RST", Script.HANG_UP_HARD),
                Named.of("no HTTP", Script.GARBAGE),
                Named.of("500", Script.refuse(500, "crashed")),
                Named.of("nothing", Script.SILENT));
    }

    private static boolean isBad(UpstreamConnection connection) {
        return connection.request().header("X-Bad") != null;
    }

    @ParameterizedTest
    @MethodSource("noLegs")
    void aClientThatNobodyCanServeOpensNoBreaker(Script bad) {
        // A quarter of it is what the gateway's own handshake may take, also on a busy machine.
        fixture.connectTimeout = Duration.ofSeconds(3);
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.retry = fixture.retry.withMaxAttempts(1);
        Script picky = Script.ACCEPT.except(UpstreamDialTest::isBad, bad);
        ScriptedUpstream first = fixture.server(picky);
        ScriptedUpstream second = fixture.server(picky);
        fixture.start(first, second);
        Flux.range(0, 12)
                .flatMap(i -> fixture.dialling(UpstreamFixture.call("X-Bad", "yes"))
                        .materialize()
                        .doOnNext(signal -> assertThat(signal.isOnError()).isTrue()))
                .blockLast();
        for (int i = 0; i < 6; i++) {
            fixture.end(fixture.dial(), LegEnd.ENDED);
        }
        for (ScriptedUpstream server : List.of(first, second)) {
            assertThat(fixture.endpoint(server).transitionsTo(BreakerState.OPEN))
                    .isZero();
            assertThat(fixture.endpoint(server).connections()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("noLegs")
    void anEndpointThatServesNobodyIsOpenedByAsManyFailuresAsWasSaid(Script bad) {
        fixture.connectTimeout = Duration.ofMillis(200);
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        fixture.retry = fixture.retry.withMaxAttempts(1);
        ScriptedUpstream server = fixture.server(bad);
        fixture.start(server);
        for (int i = 0; i < 4; i++) {
            assertThat(fixture.endpoint(server).breakerState()).isEqualTo(BreakerState.CLOSED);
            fixture.dialFails();
        }
        assertThat(fixture.endpoint(server).breakerState()).isEqualTo(BreakerState.OPEN);
        assertThat(fixture.endpoint(server).dials()).isEqualTo(4);
    }

    /** Who isn't let in can't tell how others fare. */
    @ParameterizedTest
    @ValueSource(ints = {401, 404})
    void anEndpointThatServesNobodyBehindALoginIsOpenedAsWell(int forStrangers) {
        fixture.breaker = fixture.breaker.withWindow(4, 4);
        ScriptedUpstream server = fixture.server(Script.refuse(503, "backend is dead")
                .except(UpstreamFixture::isCheck, Script.refuse(forStrangers, "who are you?")));
        fixture.start(server);
        for (int i = 0; i < 4; i++) {
            fixture.dialFails();
        }
        assertThat(fixture.endpoint(server).transitionsTo(BreakerState.OPEN)).isEqualTo(1);
        assertThat(fixture.endpoint(server).dials()).isEqualTo(4);
    }

    /** The endpoint is judged also when nobody waits any more for what it does. */
    @Test
    void anEndpointThatHangsIsOpenedHoweverImpatientItsClientsAre() {
        fixture.connectTimeout = Duration.ofMillis(400);
        fixture.retry = fixture.retry.withDeadline(Duration.ofMillis(450));
        fixture.breaker = fixture.breaker.withWindow(2, 2);
        ScriptedUpstream server = fixture.server(Script.SILENT);
        fixture.start(server);
        UpstreamFixture.await("open", () -> {
            fixture.dialFails();
            return fixture.endpoint(server).transitionsTo(BreakerState.OPEN) > 0;
        });
    }

    @Test
    void aProbeThatNobodyCanServeIsNone() {
        fixture.retry = fixture.retry.withMaxAttempts(1);
        fixture.breaker = fixture.breaker.withWindow(2, 2);
        ScriptedUpstream server =
                fixture.server(Script.ACCEPT.except(UpstreamDialTest::isBad, Script.refuse(500, "crashed")));
        fixture.start(server);
        Endpoint endpoint = fixture.endpoint(server);
        server.kill();
        fixture.dialFails();
        fixture.dialFails();
        server.restart();
        UpstreamFixture.await("half-open", () -> endpoint.breakerState() == BreakerState.HALF_OPEN);
        for (int i = 0; i < 5; i++) {
            UpstreamFixture.failure(fixture.dialling(UpstreamFixture.call("X-Bad", "yes")));
        }
        assertThat(endpoint.breakerState())
                .as("the gateway was granted what they weren't")
                .isEqualTo(BreakerState.CLOSED);
        fixture.dial();
        assertThat(endpoint.transitionsTo(BreakerState.OPEN)).isEqualTo(1);
    }

    @Test
    void aRefusalThatSpeaksOfTroubleIsNoSuccessOfARetry() {
        ScriptedUpstream broken = fixture.server(Script.refuse(503, "starting"));
        Upstream upstream = fixture.start(ReservedPort.nobody(), broken);
        fixture.dialFails();
        fixture.dialFails();
        assertThat(upstream.retries(RetryResult.FAILURE)).isPositive();
        assertThat(upstream.retries(RetryResult.SUCCESS)).isZero();
    }

    @Test
    void aLookAsksForThePathOfTheRoute() {
        ScriptedUpstream server = fixture.server(Script.HANG_UP);
        fixture.breaker = fixture.breaker.withWindow(1, 1);
        fixture.start(server);
        Call call = UpstreamFixture.call("X-Secret", "s3cret");
        UpstreamFixture.failure(fixture.dialling(
                new Call(call.request(), "/chat", call.limits(), call.granularity(), call.meter(), call.agreed())));
        UpstreamConnection check = server.connections().stream()
                .filter(UpstreamFixture::isCheck)
                .findFirst()
                .orElseThrow();
        assertThat(check.target()).isEqualTo("/chat");
        assertThat(check.request().header("X-Secret")).isNull();
    }

    @ParameterizedTest
    @EnumSource(LegEnd.class)
    void aLegIsOverOnce(LegEnd how) {
        ScriptedUpstream server = fixture.server(Script.ACCEPT);
        fixture.start(server);
        UpstreamLeg first = fixture.dial();
        UpstreamLeg second = fixture.dial();
        assertThat(fixture.endpoint(server).connections()).isEqualTo(2);
        first.over(how);
        first.over(LegEnd.ENDED);
        assertThat(fixture.endpoint(server).connections()).isEqualTo(1);
        fixture.end(first, how);
        fixture.end(second, how);
        assertThat(fixture.endpoint(server).connections()).isZero();
    }

    // balance

    @Test
    void whatHasAKeyGoesWhereItBelongs() {
        List<ScriptedUpstream> servers =
                List.of(fixture.server(Script.ACCEPT), fixture.server(Script.ACCEPT), fixture.server(Script.ACCEPT));
        fixture.balance = new BalanceConfig(Balance.HASH_HEADER, "X-User");
        fixture.start(servers.toArray());
        for (int user = 0; user < 20; user++) {
            Endpoint home =
                    fixture.dial(UpstreamFixture.call("X-User", "user " + user)).endpoint();
            assertThat(fixture.dial(UpstreamFixture.call("X-User", "user " + user))
                            .endpoint())
                    .isSameAs(home);
        }
        assertThat(servers).allMatch(server -> !sessions(server).isEmpty());
    }

    @Test
    void theLeastBusyIsPicked() {
        ScriptedUpstream first = fixture.server(Script.ACCEPT);
        ScriptedUpstream second = fixture.server(Script.ACCEPT);
        fixture.balance = new BalanceConfig(Balance.LEAST_CONNECTIONS, "");
        fixture.start(first, second);
        List<UpstreamLeg> legs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            legs.add(fixture.dial());
        }
        assertThat(fixture.endpoint(first).connections()).isEqualTo(3);
        legs.stream()
                .filter(leg -> leg.endpoint() == fixture.endpoint(first))
                .forEach(leg -> fixture.end(leg, LegEnd.ENDED));
        for (int i = 0; i < 3; i++) {
            assertThat(fixture.dial().endpoint()).isSameAs(fixture.endpoint(first));
        }
    }

    // health checks

    @Test
    void anEndpointWhoseChecksFailIsTriedOnlyIfThereIsNoOther() {
        ScriptedUpstream sick = fixture.server(Script.refuse(500, "sick"));
        ScriptedUpstream well = fixture.server(Script.ACCEPT);
        fixture.health = new HealthConfig(Duration.ofMillis(20), Duration.ofSeconds(5));
        fixture.start(sick, well);
        UpstreamFixture.await("found sick", fixture.endpoint(sick)::isFailing);
        for (int i = 0; i < 4; i++) {
            assertThat(fixture.dial().endpoint()).isSameAs(fixture.endpoint(well));
        }
        assertThat(fixture.endpoint(sick).breakerState())
                .as("not fed by checks")
                .isEqualTo(BreakerState.CLOSED);

        fixture.upstream().drain(fixture.endpoint(well));
        assertThat(fixture.dialFails()).isInstanceOf(RefusedException.class);
        fixture.upstream().undrain(fixture.endpoint(well));

        sick.script(Script.refuse(404, "but alive"));
        UpstreamFixture.await("found well", () -> !fixture.endpoint(sick).isFailing());
    }
}
