package io.tidegate.bench.fault.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of other JVMs of the kind that this one is. */
final class Java {

    private Java() {}

    /** {@code java} with options. */
    static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        return command;
    }

    /** Where the classes of this program are. */
    static String classPath() {
        return System.getProperty("java.class.path");
    }
}
