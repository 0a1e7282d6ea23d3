package io.tidegate.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code gateway-bench} as a process of its own. */
public final class BenchProcess {

    private BenchProcess() {}

    /** What starts one of its commands, from the class path of the tests. */
    public static List<String> command(String name, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dstderr.encoding=UTF-8",
                "-Dfile.encoding=UTF-8",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                name));
        if (Runtime.version().feature() >= 22) {
            // The runnable jar says this in its manifest.
            command.add(1, "--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(options));
        return command;
    }
}
