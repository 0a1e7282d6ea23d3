package io.tidegate.it;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The rules of WCAG that axe-core can check. It is asked directly: its own wrapper for Java takes twice as long, and brings
 * another Jackson.
 */
final class Axe {

    private static final List<String> RULES = List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa");
    private static final String SOURCE = source();

    private static final String RUN = """
            async rules => {
              const {violations} = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
              return violations.flatMap(({id, nodes}) =>
                nodes.map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`));
            }""";

    private Axe() {}

    /** What breaks a rule, and how. */
    static List<?> violations(Page page) {
        page.evaluate(SOURCE);
        return (List<?>) page.evaluate(RUN, RULES);
    }

    private static String source() {
        try (InputStream in = Axe.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
