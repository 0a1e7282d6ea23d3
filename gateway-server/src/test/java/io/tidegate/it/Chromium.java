package io.tidegate.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.tidegate.testkit.Peer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The Chromium of this machine, without a window, for the tests of one class. Where there is none they are skipped; none is
 * ever downloaded.
 *
 * <p><b>Threads:</b> that of the tests.
 */
final class Chromium implements BeforeAllCallback, AfterAllCallback {

    private static final String VARIABLE = "TIDEGATE_TEST_CHROMIUM";
    private static final List<String> USUAL_PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    /** It asks nobody for anything but what a test asks it for. As root it has no sandbox. */
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private static final int HEIGHT = 800;

    private @Nullable Playwright playwright;
    private @Nullable Browser browser;

    @Override
    public void beforeAll(ExtensionContext context) {
        String told = System.getenv(VARIABLE);
        List<String> places = told == null || told.isEmpty() ? USUAL_PLACES : List.of(told);
        Optional<Path> program =
                places.stream().map(Path::of).filter(Files::isExecutable).findFirst();
        assumeTrue(
                program.isPresent(),
                () -> "skipped: no Chromium at " + String.join(", ", places)
                        + " (expected: Debian's package chromium, or its path in the variable " + VARIABLE + ')');
        // A page that lost its gateway waits before it tries again, and shares two processors with three other suites.
        PlaywrightAssertions.setDefaultAssertionTimeout(3.0 * Peer.PATIENCE.toMillis());
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new LaunchOptions().setExecutablePath(program.get()).setArgs(ARGUMENTS));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (playwright != null) {
            playwright.close();
        }
    }

    /** Opens the dashboard of an admin port in a tab of a browser that knows nothing yet. */
    Tab open(InetSocketAddress admin, int width) {
        if (browser == null) {
            throw new IllegalStateException("no browser (expected: a static field with @RegisterExtension)");
        }
        return new Tab(
                browser.newContext(new Browser.NewContextOptions()
                        .setViewportSize(width, HEIGHT)
                        .setLocale("en-GB")
                        .setTimezoneId("UTC")),
                "http://127.0.0.1:" + admin.getPort() + '/');
    }
}
