package io.tidegate.bench.targets;

/** A figure needs a benchmark that this program doesn't have. */
final class MissingBenchmarkException extends Exception {

    private static final long serialVersionUID = 1;

    MissingBenchmarkException(String name) {
        super("no benchmark " + name + " (expected: one built into this program, see micro -l)", null, false, false);
    }
}
