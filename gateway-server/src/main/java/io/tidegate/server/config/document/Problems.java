package io.tidegate.server.config.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects problems, so that a user sees all of them at once. Used by one thread. */
public final class Problems {

    private static final Comparator<Problem> BY_PLACE =
            Comparator.comparing((Problem problem) -> problem.line() == 0).thenComparingInt(Problem::line);

    private final List<Problem> found = new ArrayList<>();

    /** Adds a problem without a suggestion. */
    public void add(Origin origin, String path, String what, String expected) {
        add(origin, path, what, expected, null);
    }

    /** Adds a problem; {@link Problem} says what the parts are. */
    public void add(Origin origin, String path, String what, String expected, @Nullable String suggestion) {
        found.add(new Problem(origin, path, what, expected, suggestion));
    }

    /** True when nothing was found. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** What was found: by line, then what has no line. */
    public List<Problem> sorted() {
        return found.stream().sorted(BY_PLACE).toList();
    }
}
