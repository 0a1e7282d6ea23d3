package io.tidegate.bench.fault.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Arrays;

/** Runs small programs of the system to their end. */
final class Tool {

    private Tool() {}

    /**
     * Runs one.
     *
     * @return what it printed
     * @throws IOException when it isn't there or reports failure
     */
    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", Arrays.asList(command)) + ": " + out);
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
            throw new IOException(command[0] + ": interrupted", impatient);
        }
        return out;
    }

    /** Whether one is there and works. */
    static boolean works(String... command) {
        try {
            run(command);
            return true;
        } catch (IOException missing) {
            return false;
        }
    }
}
