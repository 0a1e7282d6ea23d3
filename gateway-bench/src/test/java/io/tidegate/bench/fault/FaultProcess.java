package io.tidegate.bench.fault;

import io.tidegate.bench.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code gateway-bench fault} as a process of its own. */
final class FaultProcess {

    private FaultProcess() {}

    /** @param directory where its standard error goes */
    static Process start(Path directory, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dstderr.encoding=UTF-8",
                "-Dfile.encoding=UTF-8",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "fault"));
        command.addAll(List.of(options));
        // It is over before the second compiler pays.
        command.add("--gateway-jvm=-XX:TieredStopAtLevel=1");
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    static String errors(Path directory) throws Exception {
        return Files.readString(directory.resolve("err"));
    }
}
