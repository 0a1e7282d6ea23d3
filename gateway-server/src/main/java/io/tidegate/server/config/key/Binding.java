package io.tidegate.server.config.key;

import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Problems;
import io.tidegate.server.config.document.Substitution;
import io.tidegate.server.config.document.Value;
import org.jspecify.annotations.Nullable;

/** One reading of one tree: where its problems go, where variables come from, and all keys, for suggestions. */
public final class Binding {

    private final Problems problems;
    private final Substitution substitution;
    private final Group<?> root;

    /** Starts a reading of a tree whose root has the shape {@code root}. */
    public Binding(Group<?> root, Substitution substitution, Problems problems) {
        this.root = root;
        this.substitution = substitution;
        this.problems = problems;
    }

    Problems problems() {
        return problems;
    }

    Group<?> root() {
        return root;
    }

    /** Reports a node of the wrong kind, naming both kinds. */
    void mismatch(Value value, String path, String expected) {
        String found = value instanceof Value.Text text ? text.text() + ", " + text.kind() : value.kind();
        problems.add(value.origin(), path, found, expected);
    }

    /** The text with variables put in; null when that failed, which is then reported. */
    @Nullable
    String expand(Value.Text text, String path) {
        if (!text.expandable()) {
            return text.text();
        }
        try {
            return substitution.expand(text.text());
        } catch (Substitution.Unresolved e) {
            problems.add(text.origin(), path, e.found(), e.expected());
            return null;
        }
    }

    /** Reports a text that its key does not take. */
    void invalid(Origin origin, String path, String written, String expanded, InvalidValue reason) {
        String found = written.equals(expanded) ? expanded : expanded + " from " + written;
        problems.add(origin, path, found, reason.expected(), reason.suggestion());
    }
}
