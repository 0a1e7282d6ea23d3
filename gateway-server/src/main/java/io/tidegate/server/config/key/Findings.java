package io.tidegate.server.config.key;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong between the keys of one map, where each alone would do. Records collect here, so that a user sees all of
 * it at once:
 *
 * <pre>{@code
 * new Findings()
 *         .require(forget.isEmpty() || key != null, "forget", forget, "only with key")
 *         .raise();
 * }</pre>
 */
public final class Findings {

    /** What every refusal of a record looks like: {@code minimumCalls: 30 (expected: 1 to the window, 20)}. */
    private static final Pattern REFUSAL = Pattern.compile("([A-Za-z]+): (.*) \\(expected: (.*)\\)");

    private final List<Finding> findings = new ArrayList<>();

    /**
     * One of them.
     *
     * @param key the key at fault, or the path of one below it: {@code limits.message}
     */
    record Finding(String key, String found, String expected) {
        String message() {
            return key + ": " + found + " (expected: " + expected + ")";
        }
    }

    /**
     * Notes a finding unless {@code holds}.
     *
     * @param key the key at fault, or the path of one below it: {@code limits.message}
     * @param found what stands there; null when nothing does
     * @param expected what should
     */
    public Findings require(boolean holds, String key, @Nullable Object found, String expected) {
        if (!holds) {
            findings.add(new Finding(key, found == null ? "missing" : found.toString(), expected));
        }
        return this;
    }

    /**
     * Refuses what was looked at, if there is a finding.
     *
     * @throws Contradiction with all findings
     */
    public void raise() {
        if (!findings.isEmpty()) {
            throw new Contradiction(findings);
        }
    }

    List<Finding> all() {
        return findings;
    }

    /** What a record's refusal says; null when it names no key. */
    static @Nullable List<Finding> of(IllegalArgumentException refusal) {
        if (refusal instanceof Contradiction contradiction) {
            return contradiction.findings;
        }
        Matcher matcher = REFUSAL.matcher(String.valueOf(refusal.getMessage()));
        return matcher.matches() ? List.of(new Finding(matcher.group(1), matcher.group(2), matcher.group(3))) : null;
    }

    /** The values of a record contradict each other. */
    public static final class Contradiction extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        private final transient List<Finding> findings;

        private Contradiction(List<Finding> findings) {
            super(findings.stream().map(Finding::message).collect(Collectors.joining("; ")));
            this.findings = List.copyOf(findings);
        }
    }
}
