package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.server.cli.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clients and servers from the npm registry talk through a gateway while their server is killed and started anew. What they
 * do and what is asserted is told in {@code src/it/node/README.md}. Skipped without Node and npm, and without a network.
 */
class RealNpmPeersIT {

    private static final int MINUTES = 10;

    /** The exit code for packages that can't be had now. */
    private static final int OFFLINE = 75;

    private static final int OLDEST_NODE = 20;

    @Test
    void connectionsStayAndEveryRequestIsAnsweredOnceWhileTheServerIsKilled() throws Exception {
        assumeTrue(isOnPath("node") && isOnPath("npm"), "skipped: node and npm are not both on the PATH");
        String version = String.join("", outputOf(start("node", "--version")));
        assumeTrue(
                major(version) >= OLDEST_NODE,
                "skipped: node is " + version + " (expected: " + OLDEST_NODE + " or newer)");

        Process process = start(command());
        List<String> lines = outputOf(process);
        String output = String.join(System.lineSeparator(), lines);
        int exitCode = process.waitFor();
        assumeTrue(exitCode != OFFLINE, "skipped: the packages can't be had: " + output);
        System.out.println(output);

        assertThat(exitCode).as(output).isZero();
        assertThat(lines.stream().filter(line -> line.contains(" ok: ")).map(line -> line.split(" ")[0]))
                .containsExactly("json-rpc", "ocpp-j", "graphql-ws");
    }

    private static String[] command() {
        List<String> command = new ArrayList<>(List.of(
                "node",
                Path.of("src", "it", "node", "run.mjs").toString(),
                "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=logback.xml", // not the one of the tests
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        if (Runtime.version().feature() >= 22) {
            // The runnable jar says this in its manifest.
            command.add(4, "--enable-native-access=ALL-UNNAMED");
        }
        return command.toArray(String[]::new);
    }

    private static Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.outputWriter().close();
        // So that reading its output ends.
        Executor late = CompletableFuture.delayedExecutor(MINUTES, TimeUnit.MINUTES);
        late.execute(() -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
        return process;
    }

    private static List<String> outputOf(Process process) {
        return process.inputReader().lines().toList();
    }

    private static int major(String version) {
        return Integer.parseInt(version.replaceFirst("^v(\\d+).*$", "$1"));
    }

    private static boolean isOnPath(String program) {
        String path = System.getenv("PATH");
        return path != null
                && List.of(path.split(File.pathSeparator)).stream()
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
