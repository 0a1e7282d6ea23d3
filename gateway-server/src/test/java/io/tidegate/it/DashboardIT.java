package io.tidegate.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.tidegate.server.Gateway;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The dashboard in a real browser, of a gateway with real sessions. No test passes if the browser complained of anything: see
 * {@link Tab}.
 */
@Timeout(60)
class DashboardIT {

    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static final String LOOPBACK = "address: \"127.0.0.1:0\"";
    private static final String ONE_ROUTE = """
            upstreams:
              chat:
                endpoints: ["%s"]
                retry: {firstBackoff: 10ms, maxBackoff: 50ms}
                breaker: {window: 2, minimumCalls: 2, openFor: %s, halfOpenCalls: 1}
            routes: [{path: /chat, upstream: chat, continuity: reconnect}]
            """;

    /** So long that a breaker stays open. */
    private static final String LONG = "1h";

    /** Of the metric. */
    private static final double OPEN = 2;

    private static final String LONG_PATH = "/a/path/as/long/as/they/come/in/companies/with/departments";

    private static final int DESKTOP = 1280;
    private static final int TELEPHONE = 360;
    private static final int WALL = 3840;

    /** With one session that is well, and one that has lost its upstream while messages wait. Looking at it changes nothing. */
    private static @Nullable DashboardFixture busy;

    private final DashboardFixture fixture = new DashboardFixture(CHROMIUM);

    @AfterEach
    void close() {
        fixture.close();
    }

    @AfterAll
    static void closeBusy() {
        if (busy != null) {
            busy.close();
            busy = null;
        }
    }

    // figures

    @Test
    void opensWithTheFiguresOfNowAndFollowsThem() {
        ScriptedUpstream echo = fixture.track(ScriptedUpstream.start());
        Gateway gateway = fixture.start(LOOPBACK, ONE_ROUTE.formatted(echo.uri(), LONG));
        ScriptedClient first = fixture.connect(gateway, "/chat");
        say(first, "one", "two");

        Tab tab = open(gateway, DESKTOP);
        assertThat(tab.find("connection")).hasText("live");
        assertThat(tab.find("ready")).hasAttribute("data-state", "ready");
        assertThat(tab.find("active-connections")).hasText("1");
        assertThat(tab.css("#messages-to-upstream .detail")).hasText("2 in all");
        assertThat(tab.css("#bytes-to-client .detail")).hasText("6 B in all");
        assertThat(tab.find("breaker")).hasAttribute("data-state", "closed");
        Locator sessions = tab.find("session-row");
        tab.css("#sessions").scrollIntoViewIfNeeded();
        assertThat(sessions).hasCount(1);
        assertThat(sessions).containsText(echo.uri().toString());

        say(first, "three", "four", "five");
        assertThat(tab.css("#messages-to-upstream .detail")).hasText("5 in all");
        assertThat(tab.css("#messages-to-client .detail")).hasText("5 in all");
        assertThat(tab.css("#bytes-to-client .detail")).hasText("19 B in all");
        ScriptedClient second = fixture.connect(gateway, "/chat");
        assertThat(tab.find("active-connections")).hasText("2");
        assertThat(sessions).hasCount(2);
        leave(first);
        assertThat(tab.find("active-connections")).hasText("1");
        assertThat(sessions).hasCount(1);
        leave(second);
        assertThat(tab.find("active-connections")).hasText("0");
        assertThat(tab.find("total-connections")).hasText("2");
        assertThat(tab.find("session-status")).hasText("No sessions.");

        assertDrawn(tab, 10);
    }

    private static void assertDrawn(Tab tab, int messages) {
        Locator chart = tab.css("[data-chart=messages]");
        chart.scrollIntoViewIfNeeded();
        assertThat(chart.getByRole(AriaRole.BUTTON).first()).hasText(Pattern.compile("to upstream[0-9.]+/s"));
        assertThat(chart.locator(".empty")).isHidden();
        assertThat(chart.locator("canvas").evaluate(HAS_COLOUR, "--to-client")).isEqualTo(true);

        Locator heatmap = tab.css("[data-heatmap=relay]");
        assertThat(heatmap.locator("canvas"))
                .hasAttribute("aria-label", Pattern.compile("Relay latency, heat map: " + messages + " in .* took"));
        assertThat(heatmap.locator(".empty")).isHidden();
        assertThat(heatmap.locator("canvas").evaluate(HAS_COLOUR, "--heat-5")).isEqualTo(true);
    }

    /** Whether there is a pixel on a canvas that has about the colour of a custom property. */
    private static final String HAS_COLOUR = """
            (canvas, name) => {
              const hex = getComputedStyle(canvas).getPropertyValue(name).trim().slice(1);
              const wanted = [0, 2, 4].map(index => parseInt(hex.slice(index, index + 2), 16));
              const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              const isNear = at => data[at + 3] > 200 && wanted.every((value, index) => Math.abs(data[at + index] - value) < 50);
              return Array.from({length: data.length / 4}, (_, pixel) => 4 * pixel).some(isNear);
            }""";

    @Test
    void aBreakerIsRedWhileItIsOpenAndGreenAgainWhenTheUpstreamIsBack() {
        ScriptedUpstream echo = fixture.track(ScriptedUpstream.start());
        Gateway gateway = fixture.start(LOOPBACK, ONE_ROUTE.formatted(echo.uri(), "2s"));
        say(fixture.connect(gateway, "/chat"), "one");
        Tab tab = open(gateway, DESKTOP);
        Locator lamp = tab.find("breaker");
        assertThat(lamp).hasAttribute("data-state", "closed");
        assertThat(tab.page()).hasTitle("Tidegate");

        echo.kill();
        assertThat(lamp).hasAttribute("data-state", "open");
        assertThat(lamp).containsText("Open, probe");
        assertThat(hue(lamp)).isEqualTo("red");
        assertThat(event(tab, "error", "chat " + echo.uri(), "breaker open"))
                .not()
                .hasCount(0);
        assertThat(event(tab, "warning", "route /chat", "1 session lost the upstream leg"))
                .hasCount(1);
        assertThat(tab.find("ready")).hasAttribute("data-state", "not-ready");
        assertThat(tab.page()).hasTitle(Pattern.compile("1 open breaker · Tidegate"));
        assertThat(tab.find("reconnecting")).hasText("1");

        echo.restart();
        assertThat(lamp).hasAttribute("data-state", "closed");
        assertThat(lamp).containsText("Closed");
        assertThat(hue(lamp)).isEqualTo("green");
        assertThat(event(tab, "info", "chat " + echo.uri(), "breaker closed")).hasCount(1);
        assertThat(event(tab, "info", "route /chat", "1 session got another upstream leg"))
                .hasCount(1);
        assertThat(tab.find("ready")).hasAttribute("data-state", "ready");
        assertThat(tab.page()).hasTitle("Tidegate");
        assertThat(tab.find("reconnections")).hasText("1");
    }

    private static Locator event(Tab tab, String severity, String subject, String text) {
        return tab.css("[data-testid=event][data-severity=" + severity + "]")
                .filter(new Locator.FilterOptions().setHasText(subject))
                .filter(new Locator.FilterOptions().setHasText(text));
    }

    /** Of a lamp, and of its words. */
    private static Object hue(Locator lamp) {
        return lamp.evaluate("""
                card => {
                  const hues = ['.icon', '.lamp-text'].map(part => {
                    const [red, green] = getComputedStyle(card.querySelector(part)).color.match(/\\d+/g).map(Number);
                    return red > green + 50 ? 'red' : green > red + 50 ? 'green' : 'neither';
                  });
                  return [...new Set(hues)].join(' and ');
                }""");
    }

    @Test
    void aRestartIsToldAndThePageGoesOn() {
        ScriptedUpstream echo = fixture.track(ScriptedUpstream.start());
        ReservedPort port = fixture.track(ReservedPort.any());
        String admin = "address: \"127.0.0.1:%d\"".formatted(port.number());
        Gateway gateway = fixture.start(admin, ONE_ROUTE.formatted(echo.uri(), LONG));
        say(fixture.connect(gateway, "/chat"), "one");
        Tab tab = open(gateway, DESKTOP);
        tab.expectComplaints("net::ERR_.*/api/(events|sessions)");
        assertThat(tab.css("#messages-to-client .detail")).hasText("1 in all");
        assertThat(tab.find("lost-banner")).isHidden();

        gateway.stop(Duration.ZERO);
        assertThat(tab.find("lost-banner")).containsText("Disconnected since");
        assertThat(tab.find("connection")).hasText("lost");
        assertThat(tab.find("ready")).hasAttribute("data-state", "unknown");
        assertThat(tab.page()).hasTitle("● disconnected · Tidegate");
        tab.assertAccessible();

        Gateway next = fixture.start(admin, ONE_ROUTE.formatted(echo.uri(), LONG));
        assertThat(tab.find("restart-banner")).containsText("The gateway was restarted");
        assertThat(tab.find("lost-banner")).isHidden();
        assertThat(tab.find("connection")).hasText("live");
        assertThat(tab.find("ready")).hasAttribute("data-state", "ready");
        assertThat(event(tab, "warning", "gateway", "The gateway was restarted"))
                .hasCount(1);
        assertThat(tab.find("total-connections")).hasText("0");
        say(fixture.connect(next, "/chat"), "one", "two");
        assertThat(tab.find("active-connections")).hasText("1");
        assertThat(tab.css("#messages-to-client .detail")).hasText("2 in all");
        tab.assertAccessible();
    }

    // who may see it

    @Test
    void asksForTheTokenThatTheAdminPortNeeds() {
        ScriptedUpstream echo = fixture.track(ScriptedUpstream.start());
        Gateway gateway = fixture.start("address: \"0.0.0.0:0\", token: right", ONE_ROUTE.formatted(echo.uri(), LONG));
        fixture.connect(gateway, "/chat");
        Tab tab = open(gateway, DESKTOP);
        tab.expectComplaints("status of 401 .*/api/(events|sessions)");
        Locator form = tab.find("token-form");
        Locator token = tab.page().getByLabel("Token");

        assertThat(form).containsText("401, no token");
        assertThat(form).not().containsText("didn’t take");
        assertThat(token).isFocused();
        assertThat(tab.find("active-connections")).hasText("–");
        tab.assertAccessible();

        token.fill("wrong");
        token.press("Enter");
        assertThat(form).containsText("The gateway didn’t take this token. It says: 401, wrong token");
        assertThat(tab.find("active-connections")).hasText("–");

        token.fill("right");
        token.press("Enter");
        assertThat(form).isHidden();
        assertThat(tab.find("connection")).hasText("live");
        assertThat(tab.find("active-connections")).hasText("1");
        tab.css("#sessions").scrollIntoViewIfNeeded();
        assertThat(tab.find("session-row")).hasCount(1);

        tab.page().reload();
        assertThat(tab.find("active-connections")).hasText("1");
        assertThat(form).isHidden();
    }

    // who can use it

    @ParameterizedTest
    @ValueSource(ints = {TELEPHONE, DESKTOP})
    void keepsTheRulesOfWcagByDayAndByNight(int width) {
        Tab tab = openBusy(width);
        for (Locator table : tab.page().getByText("As a table").all()) {
            table.click();
        }
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            tab.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            assertThat(tab.css("html")).hasAttribute("data-theme", scheme.name().toLowerCase(Locale.ROOT));
            tab.assertAccessible();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TELEPHONE, DESKTOP, WALL})
    void nothingIsWiderThanTheWindow(int width) {
        openBusy(width).assertNothingOverflows();
    }

    @Test
    void theKeyboardReachesAllThereIsToUseAndShowsWhereItIs() {
        Tab tab = openBusy(DESKTOP);
        Locator skip = tab.css(".skip");
        tab.page().keyboard().press("Tab");
        assertThat(skip).isFocused();
        assertThat(skip).isInViewport();
        skip.press("Enter");
        assertThat(tab.css("main")).isFocused();

        tab.page().reload();
        awaitBusy(tab);
        List<?> usable = (List<?>) tab.page().evaluate(USABLE);
        assertThat(usable).hasSizeGreaterThan(40);
        for (int i = 0; i < usable.size(); i++) {
            tab.page().keyboard().press("Tab");
            assertThat(tab.page().evaluate(FOCUSED))
                    .as(() -> "after Tab, of " + usable)
                    .isEqualTo(usable.get(i) + ", visibly");
        }
    }

    /** All that can be used, in the order of the page, by what doesn't change. */
    private static final String USABLE = """
            () => {
              const all = [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
                .filter(each => !each.disabled && each.checkVisibility());
              all.forEach((each, index) => each.nth = `${index} ${each.id || each.title || each.textContent.trim()}`);
              return all.map(each => each.nth);
            }""";

    /** The one that has the focus; {@code visibly} if it has an outline and isn't covered by anything. */
    private static final String FOCUSED = """
            () => {
              const focused = document.activeElement;
              const {outlineStyle, outlineWidth} = getComputedStyle(focused);
              const {left, top, right, bottom} = focused.getBoundingClientRect();
              const [x, y] = [(left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2];
              const seen = focused.contains(document.elementFromPoint(x, y));
              const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
              return `${focused.nth}, ${outlined ? '' : 'without outline, '}${seen ? 'visibly' : 'covered'}`;
            }""";

    @Test
    void sessionsAreSortedByKeyboard() {
        Tab tab = openBusy(DESKTOP);
        Locator rows = tab.find("session-row");
        assertThat(sorted(tab)).hasText("Client is behind");
        assertThat(rows).containsText(new String[] {"reconnecting", "relaying"});

        sort(tab, "Id").press("Enter");
        assertThat(sorted(tab)).hasText("Id");
        assertThat(sorted(tab)).hasAttribute("aria-sort", "ascending");
        assertThat(rows).containsText(new String[] {"relaying", "reconnecting"});

        sort(tab, "Queue").press("Space");
        assertThat(sorted(tab)).hasText("Queue");
        assertThat(sorted(tab)).hasAttribute("aria-sort", "descending");
        assertThat(rows).containsText(new String[] {"reconnecting", "relaying"});
    }

    private static Locator sort(Tab tab, String column) {
        return tab.page()
                .getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(column).setExact(true));
    }

    private static Locator sorted(Tab tab) {
        return tab.css("#sessions th[aria-sort]");
    }

    // strangers

    @Test
    void wordsOfStrangersAreTextAndNothingElse() {
        ScriptedUpstream echo = fixture.track(ScriptedUpstream.start());
        String route = "/<img/src=x/onerror=alert(1)>";
        Gateway gateway = fixture.start(LOOPBACK, """
                upstreams: {chat: {endpoints: ["%s"], breaker: {window: 100, minimumCalls: 100}}}
                routes: [{path: "%s", upstream: chat, continuity: reconnect}]
                """.formatted(echo.uri(), route));
        fixture.connect(gateway, route);
        Tab tab = open(gateway, DESKTOP);
        tab.page().addInitScript(STRANGE);
        tab.page().reload();
        tab.css("#sessions").scrollIntoViewIfNeeded();
        assertThat(tab.find("active-connections")).hasText("1");
        echo.resetConnections();

        assertThat(event(tab, "warning", "route " + route, MARKUP + "1 session lost the upstream leg"))
                .hasCount(1);
        assertThat(tab.find("route-row").first().locator("th")).hasText(route);
        assertThat(tab.css("#filter-route")).containsText(route);
        assertThat(tab.css("#filter-endpoint")).containsText(MARKUP);
        assertThat(tab.find("session-row")).containsText(route);
        assertThat(tab.find("session-row")).containsText(MARKUP + "127.0.0.1");
        assertThat(tab.find("breaker")).containsText("ws://" + MARKUP);
        assertThat(tab.find("version")).hasText("version " + MARKUP + Gateway.version());
        assertThat(tab.css("img, [onerror]")).hasCount(0);
    }

    private static final String MARKUP = "<img src=x onerror=alert(2)>";

    /** Lets the page read in each answer what no configuration allows, but a name server, say, might. */
    private static final String STRANGE = """
            const real = window.fetch;
            const strange = text => text.replaceAll(/"(version|text|client)":"|ws:\\/\\//g, '$&%s');
            window.fetch = async (...request) => {
              const answer = await real(...request);
              const body = answer.body.pipeThrough(new TextDecoderStream())
                .pipeThrough(new TransformStream({transform: (text, out) => out.enqueue(strange(text))}))
                .pipeThrough(new TextEncoderStream());
              return new Response(body, answer);
            };
            """.formatted(MARKUP);

    // the page

    private Tab open(Gateway gateway, int width) {
        return fixture.open(gateway, width);
    }

    private Tab openBusy(int width) {
        if (busy == null) {
            busy = new DashboardFixture(CHROMIUM);
            startBusy(busy);
        }
        Tab tab = open(busy.gateway(), width);
        awaitBusy(tab);
        return tab;
    }

    private static void startBusy(DashboardFixture scene) {
        ScriptedUpstream well = scene.track(ScriptedUpstream.start());
        ScriptedUpstream dead = scene.track(ScriptedUpstream.start());
        Gateway gateway = scene.start(LOOPBACK, """
                upstreams:
                  well: {endpoints: ["%s"]}
                  dead: {endpoints: ["%s"], breaker: {window: 2, minimumCalls: 2, openFor: %s}}
                routes:
                  - {path: /well, upstream: well}
                  - {path: %s, upstream: dead, continuity: reconnect}
                """.formatted(well.uri(), dead.uri(), LONG, LONG_PATH));
        say(scene.connect(gateway, "/well"), "one", "two");
        ScriptedClient waiting = scene.connect(gateway, LONG_PATH);
        say(waiting, "three");
        dead.kill();
        // What is sent before the gateway has noticed is lost with the leg.
        MetricSnapshot.await(
                Objects.requireNonNull(gateway.admin()), now -> now.value("tidegate_breaker_state") == OPEN);
        waiting.send(Frame.text("four"), Frame.text("five"));
    }

    private static void awaitBusy(Tab tab) {
        assertThat(tab.css("[data-testid=breaker][data-state=open]")).hasCount(1);
        assertThat(tab.find("queued")).hasText("2");
        assertThat(event(tab, "error", "dead", "breaker open")).hasCount(1);
        tab.css("#sessions").scrollIntoViewIfNeeded();
        assertThat(tab.find("session-row").filter(new Locator.FilterOptions().setHasText("reconnecting")))
                .hasCount(1);
        tab.page().evaluate("scrollTo(0, 0)");
    }

    /** Sends these messages, and waits for their echoes. */
    private static void say(ScriptedClient client, String... messages) {
        for (String message : messages) {
            client.send(Frame.text(message));
            assertThat(client.awaitFrame()).isEqualTo(Frame.text(message));
        }
    }

    private static void leave(ScriptedClient client) {
        client.sendClose(1000, "");
        client.awaitEnd();
    }
}
