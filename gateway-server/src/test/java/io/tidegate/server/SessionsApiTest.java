package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code GET /api/sessions} tells of each session, and in which order. */
@Timeout(60)
class SessionsApiTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TWO = """
            - {path: /a, upstream: only}
            - {path: /b, upstream: only, continuity: reconnect}
            """;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // pages

    @ParameterizedTest
    @ValueSource(strings = {"", "id", "age", "queue", "latency", "slowest"})
    void pagesHaveEachSessionOnce(String sort) {
        fixture.startRoutes(TWO, fixture.upstream(Script.ECHO));
        for (int i = 0; i < 7; i++) {
            ScriptedClient client = fixture.connect(i % 2 == 0 ? "/a" : "/b");
            for (int j = 0; j <= i; j++) {
                client.send(Frame.text("message"));
                client.awaitFrame();
            }
        }
        List<Long> whole =
                ids(await(sessions("?sort=" + sort), page -> page.path("total").asInt() == 7));
        assertThat(whole).hasSize(7).doesNotHaveDuplicates();
        for (int limit : new int[] {1, 2, 3, 6, 7, 8, 1000}) {
            List<Long> paged = new ArrayList<>();
            int pages = 0;
            String after = "";
            for (boolean isLast = false; !isLast; pages++) {
                assertThat(pages).as("pages behind a page").isLessThan(7);
                JsonNode page = get("?sort=" + sort + "&limit=" + limit + "&after=" + after);
                assertThat(page.path("total").asInt()).as("of all pages").isEqualTo(7);
                assertThat(page.path("sessions").size()).isBetween(1, limit);
                paged.addAll(ids(page));
                isLast = page.path("next").isNull();
                after = page.path("next").asString("");
            }
            assertThat(paged).as("limit %d", limit).isEqualTo(whole);
            assertThat(pages).as("limit %d", limit).isEqualTo((7 + limit - 1) / limit);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?sort=id", "?sort=age"})
    void theOldestComesFirstUnlessToldOtherwise(String query) {
        fixture.start(fixture.upstream(Script.ECHO));
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int known = i;
            fixture.connect("/");
            JsonNode page = await(sessions(query), each -> each.path("total").asInt() == known + 1);
            String client = page.path("sessions").get(known).path("client").asString();
            ports.add(Integer.parseInt(client.substring(client.lastIndexOf(':') + 1)));
        }
        JsonNode page = get(query);
        assertThat(ids(page)).isSorted().hasSize(5);
        List<Double> ages = new ArrayList<>();
        for (JsonNode session : page.path("sessions")) {
            ages.add(session.path("ageSeconds").asDouble());
        }
        assertThat(ages).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(ports).doesNotHaveDuplicates();
    }

    @Test
    void aSessionThatEndsIsGoneAndShiftsNoPage() {
        fixture.start(fixture.upstream(Script.ECHO));
        List<ScriptedClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(fixture.connect("/"));
        }
        List<Long> all = ids(await(sessions(""), page -> page.path("total").asInt() == 5));
        JsonNode first = get("?limit=2");
        assertThat(ids(first)).isEqualTo(all.subList(0, 2));
        clients.get(0).sendClose(1000, "");
        clients.get(0).awaitEnd();
        await(sessions(""), page -> page.path("total").asInt() == 4);
        JsonNode second = get("?limit=2&after=" + first.path("next").asString());
        assertThat(ids(second)).isEqualTo(all.subList(2, 4));
        assertThat(ids(get(""))).isEqualTo(all.subList(1, 5));
    }

    @Test
    void noSessionIsAnEmptyPage() {
        fixture.start(fixture.upstream(Script.ECHO));
        JsonNode page = get("");
        assertThat(page.path("total").asInt(-1)).isZero();
        assertThat(page.path("sessions").isArray()).isTrue();
        assertThat(page.path("sessions").isEmpty()).isTrue();
        assertThat(page.path("next").isNull()).isTrue();
    }

    @Test
    void thereAreFiftyOnAPageUnlessToldOtherwise() {
        fixture.start(fixture.upstream(Script.ECHO));
        for (int i = 0; i < 51; i++) {
            fixture.connect("/");
        }
        JsonNode page = await(sessions(""), each -> each.path("total").asInt() == 51);
        assertThat(page.path("sessions").size()).isEqualTo(50);
        assertThat(get("?after=" + page.path("next").asString())
                        .path("sessions")
                        .size())
                .isEqualTo(1);
        assertThat(get("?limit=51").path("sessions").size()).isEqualTo(51);
    }

    // filters

    @Test
    void onlyThoseOfARouteOrAnEndpointAreShownIfAskedFor() {
        ScriptedUpstream first = fixture.upstream(Script.ECHO);
        ScriptedUpstream second = fixture.upstream(Script.ECHO);
        fixture.startRoutes(TWO, first, second);
        for (int i = 0; i < 3; i++) {
            fixture.connect("/a");
        }
        for (int i = 0; i < 4; i++) {
            fixture.connect("/b/more?token=secret");
        }
        List<Long> all = ids(await(sessions(""), page -> page.path("total").asInt() == 7));
        JsonNode a = get("?route=/a");
        JsonNode b = get("?route=%2Fb");
        assertThat(a.path("total").asInt()).isEqualTo(3);
        assertThat(b.path("total").asInt()).isEqualTo(4);
        assertThat(a.path("sessions"))
                .allMatch(each -> each.path("route").asString().equals("/a"));
        assertThat(b.path("sessions"))
                .allMatch(each -> each.path("route").asString().equals("/b"));
        assertThat(join(ids(a), ids(b))).containsExactlyInAnyOrderElementsOf(all);
        assertThat(b.toString()).doesNotContain("secret", "more");

        JsonNode one = get("?endpoint=" + encoded(first.uri().toString()));
        JsonNode two = get("?endpoint=" + encoded(second.uri().toString()));
        assertThat(one.path("sessions"))
                .isNotEmpty()
                .allMatch(each ->
                        each.path("endpoint").asString().equals(first.uri().toString()))
                .allMatch(each -> each.path("upstream").asString().equals("only"));
        assertThat(join(ids(one), ids(two))).containsExactlyInAnyOrderElementsOf(all);

        JsonNode both = get("?route=/a&endpoint=" + encoded(first.uri().toString()));
        List<Long> expected = new ArrayList<>(ids(a));
        expected.retainAll(ids(one));
        assertThat(ids(both)).isEqualTo(expected);
        assertThat(both.path("total").asInt()).isEqualTo(expected.size());
        assertThat(get("?route=/nowhere").path("total").asInt(-1)).isZero();
        assertThat(get("?endpoint=nobody").path("sessions").isEmpty()).isTrue();
    }

    // what is told

    @Test
    void messagesAreCountedAsTheyAreRead() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        var ends = fixture.session(upstream);
        ends.client().send(Frame.text("1"), Frame.ping("no message"), Frame.text("2"));
        ends.client().sendFragmented("a", "b", "c");
        ends.upstream().awaitFrames(6);
        ends.upstream().send(Frame.text("x"));
        ends.client().awaitFrame();
        JsonNode session = await(
                        sessions(""),
                        page -> page.path("sessions")
                                        .path(0)
                                        .path("messages")
                                        .path("to_client")
                                        .asInt()
                                == 1)
                .path("sessions")
                .get(0);
        assertThat(session.path("messages").path("to_upstream").asInt()).isEqualTo(3);
        assertThat(session.path("state").asString()).isEqualTo("relaying");
        assertThat(session.path("endpoint").asString()).isEqualTo(upstream.uri().toString());
        assertThat(session.path("latencyMillis").asDouble()).isPositive();
        assertThat(session.path("idleSeconds").asDouble())
                .isLessThanOrEqualTo(session.path("ageSeconds").asDouble())
                .isNotNegative();
        assertThat(session.path("queue").path("messages").asInt(-1)).isZero();
        assertThat(session.path("heldBack").path("client").asBoolean(true)).isFalse();
        assertThat(session.path("heldBack").path("upstream").asBoolean(true)).isFalse();
        assertThat(session.path("traceId").isNull()).isTrue();
    }

    @Test
    void theTraceOfTheClientIsTold() {
        fixture.start(fixture.upstream(Script.ECHO));
        fixture.connect("/", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        JsonNode page = await(sessions(""), each -> each.path("total").asInt() == 1);
        assertThat(page.path("sessions").get(0).path("traceId").asString())
                .isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void whatWaitsWhileTheUpstreamIsGoneIsTold() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.to(upstream));
        fixture.connect("/").send(Frame.text("of another session"));
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("before"));
        client.awaitFrame();
        upstream.kill();
        await(
                sessions(""),
                page -> all(page, session -> session.path("state").asString().equals("reconnecting")));
        client.send(Frame.text("12345"), Frame.text("1"), Frame.ping("not queued"));
        JsonNode page = await(
                sessions("?sort=queue"),
                each -> each.path("sessions")
                                .get(0)
                                .path("queue")
                                .path("messages")
                                .asInt()
                        == 2);
        JsonNode first = page.path("sessions").get(0);
        assertThat(first.path("queue").path("bytes").asInt()).isEqualTo(6 + 5 + 6 + 1);
        assertThat(first.path("endpoint").isNull()).isTrue();
        assertThat(first.path("pendingBytes").path("upstream").asInt(-1)).isZero();
        assertThat(first.path("messages").path("to_upstream").asInt()).isEqualTo(3);
        assertThat(page.path("sessions").get(1).path("queue").path("messages").asInt(-1))
                .isZero();
        assertThat(ids(get("?sort=slowest")).get(0)).isEqualTo(first.path("id").asLong());
        assertThat(get("?endpoint=" + encoded(upstream.uri().toString()))
                        .path("total")
                        .asInt(-1))
                .as("of an endpoint that serves nobody")
                .isZero();
        upstream.restart();
        client.awaitFrames(2);
        JsonNode again = await(
                sessions(""),
                each -> all(
                        each,
                        session -> session.path("state").asString().equals("relaying")
                                && session.path("queue").path("messages").asInt() == 0));
        assertThat(again.path("sessions").get(0).path("endpoint").asString())
                .isEqualTo(upstream.uri().toString());
    }

    @Test
    void aClientThatDoesNotReadComesFirst() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(GatewayFixture.UNLIMITED, upstream);
        var quick = fixture.session(upstream);
        ScriptedClient slow = fixture.track(ScriptedClient.open(fixture.address(), 4096));
        slow.handshake(Handshake.of("/"));
        UpstreamConnection upstreamOfSlow = upstream.awaitConnection();
        fixture.session(upstream);
        quick.client().send(Frame.text("hello"));
        quick.upstream().awaitFrame();
        slow.pauseReading();
        Flood flood = upstreamOfSlow.flood(new Pattern(1), 1 << 20, 30);
        // While the sockets fill up, it is held back now and then.
        JsonNode page = await(
                sessions("?sort=slowest"),
                each -> each.path("total").asInt() == 3
                        && isHeldBack(each.path("sessions").get(0), "client", "upstream"));
        JsonNode first = page.path("sessions").get(0);
        assertThat(first.path("client").asString())
                .isEqualTo(get("").path("sessions").get(1).path("client").asString());
        for (int i = 1; i < 3; i++) {
            JsonNode other = page.path("sessions").get(i);
            assertThat(other.path("pendingBytes").path("client").asLong(-1)).isZero();
            assertThat(other.path("heldBack").path("client").asBoolean(true)).isFalse();
        }
        slow.retainPayloadsUpTo(0);
        slow.resumeReading();
        flood.awaitDone();
        slow.awaitFrames(30);
        await(
                sessions(""),
                each -> all(
                        each,
                        session -> session.path("pendingBytes").path("client").asLong() == 0
                                && !session.path("heldBack").path("client").asBoolean()));
    }

    @Test
    void anUpstreamThatDoesNotReadIsTold() {
        ScriptedUpstream upstream = fixture.track(ScriptedUpstream.start(Script.ACCEPT, 4096));
        fixture.start(GatewayFixture.UNLIMITED, upstream);
        var ends = fixture.session(upstream);
        ends.upstream().pauseReading();
        Flood flood = ends.client().flood(new Pattern(1), 1 << 20, 30);
        await(sessions(""), page -> isHeldBack(page.path("sessions").path(0), "upstream", "client"));
        ends.upstream().retainPayloadsUpTo(0);
        ends.upstream().resumeReading();
        flood.awaitDone();
        ends.upstream().awaitFrames(30);
    }

    // what is wrong

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=0 | limit: 0 (expected: 1-1000)",
                "limit=1001 | limit: 1001 (expected: 1-1000)",
                "limit=-1 | limit: -1 (expected: 1-1000)",
                "limit=x | limit: x (expected: 1-1000)",
                "limit=99999999999 | limit: 99999999999 (expected: 1-1000)",
                "sort=foo | sort: foo (expected: id, queue, age, latency or slowest)",
                "sort=ID | sort: ID (expected: id, queue, age, latency or slowest)",
                "after=foo | after: foo (expected: what next was on the page before)",
                "after=1 | after: 1 (expected: what next was on the page before)",
                "after=9999999999999999999.1 | after: 9999999999999999999.1 (expected: what next was on the page before)",
                "unknown=1 | unknown: unknown (expected: one of after, limit, route, endpoint, sort)",
                "limit=1&limit=2 | limit: 2 times (expected: once)",
                "sort=id&sort=id | sort: 2 times (expected: once)",
                "limit=%1b%5b2J | limit: ?[2J (expected: 1-1000)",
            })
    void whatCanNotBeDoneIs400InOneLine(String query, String line) {
        fixture.start(fixture.upstream(Script.ECHO));
        HttpResponse<String> refused = admin().get("/api/sessions?" + query);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(refused.body()).isEqualTo(line + '\n');
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?limit=1", "?limit=0"})
    void headIsAnsweredLikeGet(String query) {
        fixture.start(fixture.upstream(Script.ECHO));
        HttpResponse<String> get = admin().get("/api/sessions" + query);
        HttpResponse<String> head = admin().send("HEAD", "/api/sessions" + query, "");
        assertThat(head.statusCode()).isEqualTo(get.statusCode());
        assertThat(head.headers().firstValue("Content-Type"))
                .isEqualTo(get.headers().firstValue("Content-Type"))
                .isPresent();
        assertThat(head.body()).isEmpty();
    }

    /** Whether what goes to the one side piles up, and what goes to the other one doesn't. */
    private static boolean isHeldBack(JsonNode session, String slow, String quick) {
        return session.path("pendingBytes").path(slow).asLong() > 0
                && session.path("heldBack").path(slow).asBoolean(false)
                && session.path("pendingBytes").path(quick).asLong(-1) == 0
                && !session.path("heldBack").path(quick).asBoolean(true);
    }

    private AdminClient admin() {
        return new AdminClient(fixture.admin());
    }

    private JsonNode get(String query) {
        HttpResponse<String> response = admin().get("/api/sessions" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return JSON.readTree(response.body());
    }

    private interface Page {
        JsonNode read();
    }

    private Page sessions(String query) {
        return () -> get(query);
    }

    private static JsonNode await(Page page, Predicate<JsonNode> wanted) {
        long deadline = System.nanoTime() + Peer.PATIENCE.toNanos();
        for (; ; ) {
            JsonNode now = page.read();
            if (wanted.test(now)) {
                return now;
            }
            assertThat(deadline - System.nanoTime()).as(now::toString).isPositive();
        }
    }

    private static boolean all(JsonNode page, Predicate<JsonNode> wanted) {
        for (JsonNode session : page.path("sessions")) {
            if (!wanted.test(session)) {
                return false;
            }
        }
        return true;
    }

    private static List<Long> ids(JsonNode page) {
        List<Long> ids = new ArrayList<>();
        page.path("sessions").forEach(session -> ids.add(session.path("id").asLong()));
        return ids;
    }

    private static List<Long> join(List<Long> some, List<Long> more) {
        List<Long> both = new ArrayList<>(some);
        both.addAll(more);
        return both;
    }

    private static String encoded(String label) {
        return URLEncoder.encode(label, StandardCharsets.UTF_8);
    }
}
