package io.tidegate.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The dashboard in a browser. All that the browser finds fault with is kept, and {@link #close} fails on it: errors and
 * warnings of the console, among them each violation of the content security policy, exceptions that nothing caught, dialogs,
 * and requests to anybody but the gateway.
 *
 * <p><b>Threads:</b> that of the test.
 */
final class Tab implements AutoCloseable {

    private static final Set<String> COMPLAINTS = Set.of("error", "warning");

    private final BrowserContext context;
    private final Page page;
    private final String origin;
    private final List<String> faults = new ArrayList<>();
    private final List<Pattern> expected = new ArrayList<>();

    /** Opens a page, and waits until it shows what the gateway says of itself, or asks for its token. */
    Tab(BrowserContext context, String origin) {
        this.context = context;
        this.origin = origin;
        context.onRequest(this::requested);
        context.onConsoleMessage(this::said);
        context.onWebError(error -> faults.add("uncaught: " + error.error()));
        context.onDialog(dialog -> {
            faults.add("dialog: " + dialog.message());
            dialog.dismiss();
        });
        page = context.newPage();
        page.navigate(origin);
        assertThat(page.locator("[data-connection=live], [data-testid=token-form]:visible"))
                .isAttached();
    }

    private void requested(Request request) {
        if (!request.url().startsWith(origin)) {
            faults.add("request to another origin: " + request.url());
        }
    }

    private void said(ConsoleMessage message) {
        if (COMPLAINTS.contains(message.type())) {
            faults.add(message.type() + ": " + message.text() + " (" + message.location() + ')');
        }
    }

    Page page() {
        return page;
    }

    /** The elements with that hook. */
    Locator find(String testId) {
        return page.getByTestId(testId);
    }

    Locator css(String selector) {
        return page.locator(selector);
    }

    /** What the browser will complain about, in a part of its words. Nothing else is forgiven. */
    void expectComplaints(String words) {
        expected.add(Pattern.compile(words));
    }

    /** Nobody is kept out, as far as a program can tell. */
    void assertAccessible() {
        assertThat(Axe.violations(page)).isEmpty();
    }

    /** What is wider than the window can't be reached without scrolling to the side. */
    void assertNothingOverflows() {
        assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
                .as("pixels beyond the window")
                .isEqualTo(0);
    }

    /** Fails unless all was to the browser's liking. */
    @Override
    public void close() {
        context.close();
        faults.removeIf(fault ->
                expected.stream().anyMatch(words -> words.matcher(fault).find()));
        assertThat(faults).isEmpty();
    }
}
