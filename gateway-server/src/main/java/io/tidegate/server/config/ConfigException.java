package io.tidegate.server.config;

import io.tidegate.server.config.document.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration is not valid. Carries everything that is wrong with it. */
public final class ConfigException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /** At least one problem. */
    public ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::message).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** By line; what has no line comes last. Never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
