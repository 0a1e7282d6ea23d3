package io.tidegate.bench.fault.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that was started here, and may be broken in all ways.
 *
 * <p><b>Threads:</b> any.
 */
public final class Child {

    private static final long PATIENCE_SECONDS = 10;

    private final String name;
    private final Process process;
    private final Path log;

    Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs. */
    public boolean alive() {
        return process.isAlive();
    }

    /** What it wrote to its standard error so far, in lines. */
    public Stream<String> log() throws IOException {
        return new String(Files.readAllBytes(log), UTF_8).lines(); // bytes that are no UTF-8 are of no interest
    }

    /** Waits for a line of its standard output that begins with {@code words}, and returns the rest of that line. */
    String await(String words) throws IOException {
        BufferedReader out = process.inputReader(UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(words)) {
                return line.substring(words.length());
            }
        }
        throw ended();
    }

    /** What to throw when it ended and should not have. */
    IOException ended() throws IOException {
        String words = Files.readString(log).strip();
        return new IOException(name + " ended: " + words.substring(words.lastIndexOf('\n') + 1));
    }

    /** Ends it at once (SIGKILL), and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to end (SIGTERM), and waits until it is gone. */
    public void terminate() throws IOException {
        Tool.run("kill", "-TERM", Long.toString(pid())); // destroy() would end its standard input as well
        awaitEnd();
    }

    /** Stops it where it stands (SIGSTOP). */
    public void pause() throws IOException {
        Tool.run("kill", "-STOP", Long.toString(pid()));
    }

    /** Lets it go on (SIGCONT). */
    public void resume() throws IOException {
        Tool.run("kill", "-CONT", Long.toString(pid()));
    }

    private void awaitEnd() {
        boolean interrupted = false;
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException impatient) {
            interrupted = true;
            process.destroyForcibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
