package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.EventStream.Event;
import io.tidegate.server.config.Address;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.Configs;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What those who watch {@code GET /api/events} are told, and what they can't do to the gateway. */
@Timeout(120)
class EventsTest {

    private static final String TOKEN = "s3cret-token";
    private static final String BEARER = "Bearer " + TOKEN;
    private static final int MOST_WATCHERS = 100;
    /** How many are waited for until something is told. */
    private static final int MOST_STATES = 20;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // the stream

    @Test
    void allThreeEventsComeAtOnce() {
        fixture.start(fixture.upstream(Script.ECHO));
        EventStream events = watch("Accept-Encoding: gzip");
        assertThat(events.status()).isEqualTo(200);
        assertThat(events.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(events.header("Cache-Control")).isEqualTo("no-store");
        assertThat(events.header("Content-Encoding"))
                .as("or a proxy would have to wait for more")
                .isNull();
        List<Event> first = List.of(next(events), next(events), next(events));
        assertThat(first).extracting(Event::name).containsExactly("state", "performance", "aggregates");
        assertThat(first).allSatisfy(event -> assertThat(event.id()).isPositive());
        JsonNode state = first.get(0).data();
        assertThat(state.path("ready").asBoolean(false)).isTrue();
        assertThat(state.path("happened").get(0).path("text").asString()).startsWith("started, version ");
        assertThat(first.get(1).data().path("latency").path("relay").has("to_client"))
                .isTrue();
        assertThat(first.get(2).data().path("routes").has("/")).isTrue();
        assertThat(first.get(2).data().path("instance")).isEqualTo(state.path("instance"));
    }

    @Test
    void stateComesEachSecondAndPerformanceEachFifth() {
        fixture.start(fixture.upstream(Script.ECHO));
        EventStream events = watch();
        events.next("aggregates");
        events.next("performance");
        List<String> names = new ArrayList<>();
        List<JsonNode> states = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Event event = next(events);
            names.add(event.name());
            if (event.name().equals("state")) {
                states.add(event.data());
            }
        }
        assertThat(names).containsExactly("state", "state", "state", "state", "state", "performance");
        long first = states.get(0).path("uptimeSeconds").asLong();
        long last = states.get(4).path("uptimeSeconds").asLong();
        assertThat(last - first).as("four ticks later, if not more").isGreaterThanOrEqualTo(3);
    }

    @Test
    void stateTellsOfConnectionsAndBreakers() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        EventStream events = watch();
        assertThat(events.next("state").path("connections").path("active").asInt(-1))
                .isZero();
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("x"));
        client.awaitFrame();
        JsonNode now = events.await(
                "state", state -> state.path("messages").path("to_client").asInt() == 1);
        assertThat(now.path("connections").path("active").asInt()).isEqualTo(1);
        assertThat(now.path("connections").path("opened").asInt()).isEqualTo(1);
        assertThat(endpoint(now, upstream).path("breaker").asString()).isEqualTo("closed");
        assertThat(endpoint(now, upstream).path("connections").asInt()).isEqualTo(1);
    }

    // what happened

    @Test
    void aBreakerThatOpensIsToldWithItsReasonAndSoIsThatItClosed() {
        ScriptedUpstream upstream = fixture.upstream(Script.HANG_UP);
        fixture.start(Routes.RECONNECT
                .with(BreakerConfig.DEFAULTS.withWindow(2, 2).withOpenFor(Duration.ofMillis(50)))
                .to(upstream));
        EventStream events = watch();
        fixture.request("/").awaitEnd();
        fixture.request("/").awaitEnd();
        JsonNode open = awaitHappened(events, "breaker open");
        assertThat(open.path("kind").asString()).isEqualTo("breaker");
        assertThat(open.path("severity").asString()).isEqualTo("error");
        assertThat(open.path("subject").asString()).isEqualTo("only " + upstream.uri());
        assertThat(open.path("text").asString()).contains(" after: it closed the connection");
        upstream.script(Script.ECHO);
        JsonNode closed = null;
        for (int i = 0; i < MOST_STATES && closed == null; i++) {
            fixture.request("/");
            closed = find(events.next("state"), "breaker closed");
        }
        assertThat(closed).as("that it closed").isNotNull();
        assertThat(closed.path("severity").asString()).isEqualTo("info");
        assertThat(closed.path("seq").asLong()).isGreaterThan(open.path("seq").asLong());
    }

    @Test
    void ordersOfOperatorsAndWhatTheyDoAreTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        EventStream events = watch();
        post(upstream, "drain", "");
        JsonNode drained = awaitHappened(events, "drained by an operator");
        assertThat(drained.path("kind").asString()).isEqualTo("endpoint");
        assertThat(drained.path("subject").asString()).isEqualTo("only " + upstream.uri());
        JsonNode unready = awaitHappened(events, "not ready: no usable endpoint (upstream only)");
        assertThat(unready.path("kind").asString()).isEqualTo("gateway");
        assertThat(unready.path("severity").asString()).isEqualTo("error");
        post(upstream, "undrain", "");
        awaitHappened(events, "taken in again");
        awaitHappened(events, "ready again");
        post(upstream, "breaker", "{\"state\": \"open\"}");
        JsonNode open = awaitHappened(events, "breaker open after: an operator said so");
        assertThat(open.path("kind").asString()).isEqualTo("breaker");
        post(upstream, "breaker", "{\"state\": \"auto\"}");
        awaitHappened(events, "breaker closed");
    }

    @Test
    void readinessIsPartOfTheState() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        EventStream events = watch();
        assertThat(events.next("state").path("reason").isNull()).isTrue();
        post(upstream, "drain", "");
        JsonNode now = events.await("state", state -> !state.path("ready").asBoolean(true));
        assertThat(now.path("reason").asString()).isEqualTo("no usable endpoint (upstream only)");
    }

    @Test
    void sessionsThatLoseTheirLegAndGetAnotherAreTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(Routes.RECONNECT.to(upstream));
        EventStream events = watch();
        fixture.session(upstream);
        fixture.session(upstream);
        fixture.session(upstream);
        upstream.resetConnections();
        long lost = 0;
        long got = 0;
        for (int i = 0; i < MOST_STATES && (lost < 3 || got < 3); i++) {
            for (JsonNode entry : fresh(events)) {
                if (entry.path("kind").asString().equals("sessions")) {
                    assertThat(entry.path("subject").asString()).isEqualTo("route /");
                    String text = entry.path("text").asString();
                    long many = Long.parseLong(text.split(" ", 2)[0]);
                    assertThat(text).contains(many == 1 ? "1 session " : many + " sessions ");
                    lost += text.endsWith(" lost the upstream leg") ? many : 0;
                    got += text.endsWith(" got another upstream leg") ? many : 0;
                }
            }
        }
        assertThat(lost).isEqualTo(3);
        assertThat(got).isEqualTo(3);
        // So that each leg is somebody's who answers.
        upstream.connections().forEach(Peer::echo);
    }

    @Test
    void sessionsThatAreGivenUpAreTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.within(Duration.ofMillis(50)).to(upstream));
        EventStream events = watch();
        ScriptedClient client = fixture.connect("/");
        upstream.kill();
        client.awaitClose();
        JsonNode given = awaitHappened(events, "1 session given up, as no upstream leg was to be had");
        assertThat(given.path("severity").asString()).isEqualTo("error");
    }

    @Test
    void whatHappenedIsNumberedWithoutGapsAndToldToEverybodyAlike() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        EventStream early = watch();
        Map<Long, JsonNode> all = new TreeMap<>();
        for (int i = 0; i < 4; i++) {
            post(upstream, i % 2 == 0 ? "drain" : "undrain", "");
            Event event = next(early);
            while (!event.name().equals("state")) {
                event = next(early);
            }
            long before = 0;
            for (JsonNode entry : event.data().path("happened")) {
                long seq = entry.path("seq").asLong();
                assertThat(seq).isGreaterThan(before);
                before = seq;
                JsonNode known = all.putIfAbsent(seq, entry);
                assertThat(known == null || known.equals(entry))
                        .as("the same entry")
                        .isTrue();
            }
            assertThat(event.id()).isEqualTo(before);
        }
        assertThat(all.keySet())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, all.size())
                        .mapToObj(Long::valueOf)
                        .toList());
        assertThat(all.size()).isGreaterThan(1);
        JsonNode late = watch().next("state").path("happened");
        for (JsonNode entry : late) {
            assertThat(all.getOrDefault(entry.path("seq").asLong(), entry)).isEqualTo(entry);
        }
        assertThat(late.size()).isGreaterThanOrEqualTo(all.size());
    }

    @Test
    void aStormBetweenTwoTicksIsToldToItsEnd() {
        ScriptedUpstream[] upstreams = IntStream.range(0, 30)
                .mapToObj(i -> fixture.upstream(Script.ECHO))
                .toArray(ScriptedUpstream[]::new);
        start("127.0.0.1", TOKEN, upstreams);
        EventStream events = watch();
        events.next("aggregates");
        events.next("state");
        for (ScriptedUpstream upstream : upstreams) {
            post(upstream, "drain", "");
        }
        Map<Long, String> drained = new TreeMap<>();
        boolean isOver = false;
        for (int i = 0; i < MOST_STATES && !isOver; i++) {
            JsonNode state = events.next("state");
            for (JsonNode entry : state.path("happened")) {
                if (entry.path("text").asString().equals("drained by an operator")) {
                    drained.put(
                            entry.path("seq").asLong(), entry.path("subject").asString());
                }
            }
            isOver = find(state, "not ready") != null;
        }
        assertThat(isOver).as("told that it is not ready").isTrue();
        assertThat(drained.values())
                .containsExactlyInAnyOrder(IntStream.range(0, 30)
                        .mapToObj(i -> "only " + upstreams[i].uri())
                        .toArray(String[]::new));
    }

    // watchers

    @Test
    void aWatcherThatNeverReadsMissesWhatItIsTooSlowForAndHoldsUpNobody() {
        // Each state is large, so that what a connection holds is soon full.
        List<URI> many = IntStream.range(0, 4_000)
                .mapToObj(i -> URI.create("ws://127.1." + i / 250 + '.' + (1 + i % 250) + ":9"))
                .toList();
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(GatewayFixture.config(
                Map.of(
                        "many",
                        Configs.upstream(Peer.PATIENCE, many),
                        "echo",
                        Configs.upstream(Peer.PATIENCE, List.of(upstream.uri()))),
                List.of(
                        Configs.route("/many", "*", "many", GatewayFixture.UNLIMITED),
                        Configs.route("/", "*", "echo", GatewayFixture.UNLIMITED))));
        EventStream stuck = fixture.track(EventStream.open(fixture.admin(), 4096));
        assertThat(stuck.status()).isEqualTo(200);
        EventStream quick = watch();
        ScriptedClient client = fixture.connect("/");
        List<String> times = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            client.send(Frame.text("message " + i));
            assertThat(client.awaitFrame().text()).isEqualTo("message " + i);
            times.add(quick.next("state").path("at").asString());
        }
        // It reads now: what its connection held, then what comes as it is there to take it again.
        List<String> seen = new ArrayList<>();
        String last = times.get(times.size() - 1);
        for (String at = ""; at.compareTo(last) <= 0; seen.add(at)) {
            at = stuck.next("state").path("at").asString();
        }
        assertThat(seen).isSorted();
        assertThat(seen.stream().filter(times::contains))
                .as("of what the other one was told")
                .isNotEmpty()
                .hasSizeLessThan(times.size() - 2);
    }

    @Test
    void oneHundredMayWatchAndThoseBeyondAreToldSo() {
        fixture.start(fixture.upstream(Script.ECHO));
        List<EventStream> watchers = new ArrayList<>();
        for (int i = 0; i < MOST_WATCHERS; i++) {
            EventStream watcher = watch();
            watcher.next("aggregates");
            watchers.add(watcher);
        }
        watchers.get(0).next("state");
        HttpResponse<String> refused = admin().get("/api/events");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(refused.body()).isEqualTo("watchers: 100 (expected: < 100)\n");
        assertThat(admin().send("HEAD", "/api/events", "").statusCode()).isEqualTo(503);
        assertThat(admin().get("/api/stats").statusCode()).isEqualTo(200);
        watchers.get(99).next("state");

        watchers.get(50).close();
        awaitRoomForAnother();
    }

    @Test
    void noMoreWatchThoughAllComeAtOnce() {
        fixture.start(fixture.upstream(Script.ECHO));
        List<EventStream> watchers = new ArrayList<>();
        for (int i = 0; i < 2 * MOST_WATCHERS; i++) {
            watchers.add(watch());
        }
        assertThat(watchers.stream().filter(watcher -> watcher.status() == 200)).hasSize(MOST_WATCHERS);
        assertThat(watchers.stream().filter(watcher -> watcher.status() == 503)).hasSize(MOST_WATCHERS);
    }

    /** That one has gone is only known when the kernel says so. */
    private void awaitRoomForAnother() {
        long deadline = System.nanoTime() + Peer.PATIENCE.toNanos();
        for (EventStream another = watch(); another.status() != 200; another = watch()) {
            assertThat(deadline - System.nanoTime()).isPositive();
        }
    }

    @Test
    void whereOthersCanAskOnlyWhoBearsTheTokenWatches() {
        start("0.0.0.0", TOKEN, fixture.upstream(Script.ECHO));
        assertThat(watch().status()).isEqualTo(401);
        assertThat(watch("Authorization: Bearer wrong").status()).isEqualTo(401);
        EventStream events = watch("Authorization: " + BEARER);
        assertThat(events.status()).isEqualTo(200);
        assertThat(events.next("state").path("ready").asBoolean()).isTrue();
        assertThat(admin().send("HEAD", "/api/events", "").statusCode()).isEqualTo(401);
        events.close();
        fixture.stop();
    }

    @Test
    void headTellsWhatThereWouldBeAndWatchesNothing() {
        fixture.start(fixture.upstream(Script.ECHO));
        for (int i = 0; i <= MOST_WATCHERS; i++) {
            HttpResponse<String> head = admin().send("HEAD", "/api/events", "");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Type")).contains("text/event-stream");
            assertThat(head.body()).isEmpty();
        }
        HttpResponse<String> post = admin().send("POST", "/api/events", "x");
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void theStreamEndsBehindAWholeEventWhenTheGatewayStops() {
        Gateway gateway = fixture.start(fixture.upstream(Script.ECHO));
        EventStream events = watch();
        EventStream another = watch();
        events.next("aggregates");
        another.next("aggregates");
        gateway.stop(Peer.PATIENCE);
        fixture.forget();
        for (EventStream each : List.of(events, another)) {
            for (Event event = each.next(); event != null; event = each.next()) {
                assertThat(event.name()).isIn("state", "performance");
            }
            assertThat(each.isWhole()).isTrue();
        }
    }

    private EventStream watch(String... headers) {
        return fixture.track(EventStream.open(address(), headers));
    }

    private AdminClient admin() {
        return new AdminClient(address());
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), fixture.admin().getPort());
    }

    private void start(String host, @Nullable String token, ScriptedUpstream... endpoints) {
        GatewayConfig config = Routes.RECONNECT.to(endpoints);
        fixture.start(GatewayFixture.withAdmin(config, new AdminConfig(new Address(host, 0), token)));
    }

    private void post(ScriptedUpstream upstream, String verb, String body) {
        String label = URLEncoder.encode(upstream.uri().toString(), StandardCharsets.UTF_8);
        HttpResponse<String> done = admin().send(
                        "POST", "/api/upstreams/only/endpoints/" + label + '/' + verb, body, "Authorization", BEARER);
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    }

    private static Event next(EventStream events) {
        Event event = events.next();
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    private final Map<EventStream, Long> seen = new HashMap<>();

    /** What the next state tells that wasn't told before. */
    private List<JsonNode> fresh(EventStream events) {
        long known = seen.getOrDefault(events, 0L);
        List<JsonNode> entries = new ArrayList<>();
        for (JsonNode entry : events.next("state").path("happened")) {
            long seq = entry.path("seq").asLong();
            if (seq > known) {
                entries.add(entry);
                seen.put(events, seq);
            }
        }
        return entries;
    }

    private static JsonNode awaitHappened(EventStream events, String text) {
        JsonNode found = null;
        for (int i = 0; i < MOST_STATES && found == null; i++) {
            found = find(events.next("state"), text);
        }
        assertThat(found).as(text).isNotNull();
        return found;
    }

    private static @Nullable JsonNode find(JsonNode state, String text) {
        for (JsonNode entry : state.path("happened")) {
            if (entry.path("text").asString().startsWith(text)) {
                return entry;
            }
        }
        return null;
    }

    private static JsonNode endpoint(JsonNode state, ScriptedUpstream upstream) {
        return state.path("upstreams")
                .path("only")
                .path("endpoints")
                .path(upstream.uri().toString());
    }
}
