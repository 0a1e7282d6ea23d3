package io.tidegate.server.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.frame.FrameLimits;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.config.Configs;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.session.Terms;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.resources.LoopResources;

class RouteTableTest {

    private static final LoopResources LOOPS = LoopResources.create("route-table-test", 1, true);

    /** Never dialled. */
    private static final Upstream UPSTREAM = new Upstream(
            "chat", Configs.upstream(Duration.ofSeconds(1), List.of(URI.create("ws://127.0.0.1:9001"))), LOOPS);

    @AfterAll
    static void stop() {
        LOOPS.dispose();
    }

    @Test
    void nothingMatchesInAnEmptyTable() {
        assertThat(find(table(), "example.com", "/")).isEqualTo("none");
    }

    @Test
    void nameComesBeforeWildcardComesBeforeAny() {
        RouteTable table = table("* /", "*.example.com /", "a.example.com /");

        assertThat(find(table, "a.example.com", "/")).isEqualTo("a.example.com /");
        assertThat(find(table, "b.example.com", "/")).isEqualTo("*.example.com /");
        assertThat(find(table, "example.org", "/")).isEqualTo("* /");
    }

    @Test
    void hostDecidesBeforeTheLengthOfThePath() {
        RouteTable table = table("* /chat/room/long", "a.example.com /", "*.example.com /chat/room");

        assertThat(find(table, "a.example.com", "/chat/room/long")).isEqualTo("a.example.com /");
        assertThat(find(table, "b.example.com", "/chat/room/long")).isEqualTo("*.example.com /chat/room");
    }

    @Test
    void lessExactHostServesPathsThatTheExactOneHasNot() {
        RouteTable table = table("a.example.com /chat", "*.example.com /feed", "* /");

        assertThat(find(table, "a.example.com", "/chat")).isEqualTo("a.example.com /chat");
        assertThat(find(table, "a.example.com", "/feed")).isEqualTo("*.example.com /feed");
        assertThat(find(table, "a.example.com", "/else")).isEqualTo("* /");
    }

    @Test
    void longerWildcardComesBeforeAShorterOne() {
        RouteTable table = table("*.com /", "*.b.example.com /", "*.example.com /");

        assertThat(find(table, "x.b.example.com", "/")).isEqualTo("*.b.example.com /");
        assertThat(find(table, "b.example.com", "/")).isEqualTo("*.example.com /");
        assertThat(find(table, "example.com", "/")).isEqualTo("*.com /");
    }

    @ParameterizedTest
    @CsvSource({
        "a.example.com, true",
        "a.b.example.com, true",
        "example.com, false",
        ".example.com, false",
        "notexample.com, false",
        "a.example.com.evil.org, false"
    })
    void wildcardMatchesWholeLabelsInFront(String host, boolean matches) {
        assertThat(find(table("*.example.com /"), host, "/")).isEqualTo(matches ? "*.example.com /" : "none");
    }

    @Test
    void longestPrefixWinsWhateverTheOrder() {
        for (RouteTable table :
                List.of(table("* /", "* /chat", "* /chat/room"), table("* /chat/room", "* /chat", "* /"))) {
            assertThat(find(table, "h", "/chat/room/7")).isEqualTo("* /chat/room");
            assertThat(find(table, "h", "/chat/roomy")).isEqualTo("* /chat");
            assertThat(find(table, "h", "/chats")).isEqualTo("* /");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/chat, /chat, true",
        "/chat, /chat/, true",
        "/chat, /chat/x, true",
        "/chat, /chatter, false",
        "/chat, /cha, false",
        "/chat, /, false",
        "/chat, /Chat, false",
        "/chat, /%63hat, false",
        "/chat/, /chat/x, true",
        "/chat/, /chat/, true",
        "/chat/, /chat, false",
        "/, /anything, true"
    })
    void prefixMatchesWholeSegmentsAsSent(String prefix, String path, boolean matches) {
        assertThat(find(table("* " + prefix), "h", path)).isEqualTo(matches ? "* " + prefix : "none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a.example.com", "a.example.com:80", "a.example.com:65535", "A.Example.COM", "A.EXAMPLE.com:8080"
            })
    void portAndCaseOfTheHostDoNotMatter(String host) {
        assertThat(find(table("a.example.com /"), host, "/")).isEqualTo("a.example.com /");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2001:db8::1]", "[2001:db8::1]:8080", "[2001:DB8::1]", "[2001:DB8::1]:443"})
    void ipv6HostsMatchWithAndWithoutPort(String host) {
        assertThat(find(table("[2001:db8::1] /"), host, "/")).isEqualTo("[2001:db8::1] /");
    }

    @Test
    void otherIpv6HostDoesNotMatch() {
        assertThat(find(table("[2001:db8::1] /"), "[2001:db8::2]:1", "/")).isEqualTo("none");
        assertThat(find(table("[2001:db8::1] /"), "[2001:db8::]", "/")).isEqualTo("none");
    }

    @Test
    void requestWithoutHostMatchesOnlyAny() {
        assertThat(find(table("a.example.com /", "*.example.com /"), null, "/")).isEqualTo("none");
        assertThat(find(table("a.example.com /", "* /"), null, "/")).isEqualTo("* /");
    }

    private static String find(RouteTable table, String host, String path) {
        Route route = table.find(host, path);
        return route == null ? "none" : route.host() + ' ' + route.path();
    }

    private static RouteTable table(String... routes) {
        return new RouteTable(Stream.of(routes)
                .map(route -> route.split(" ", -1))
                .map(route -> new Route(
                        route[0],
                        route[1],
                        UPSTREAM,
                        new Terms(Configs.route(route[1], route[0], "u", new LimitsConfig(0, 0)), ByteBudget.UNLIMITED),
                        FrameLimits.NONE,
                        new RouteTraffic(route[0] + route[1], false, false, 1)))
                .toList());
    }
}
