package io.tidegate.testkit.process;

import io.tidegate.testkit.Patience;
import io.tidegate.testkit.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java program in a process of its own, and all it wrote so far, line by line.
 *
 * <p><b>Threads:</b> one daemon thread reads; every method may be called from any thread.
 */
public final class ChildProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>(); // guarded by itself

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.reader = new Thread(this::read, name + " " + process.pid() + " reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts {@code main} with the class path and the JDK of the tests. */
    static ChildProcess start(String name, Class<?> main, List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        // A fifth of what a start takes; nothing here makes classes that would fail.
        command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"));
        command.addAll(List.of("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"));
        command.addAll(List.of("--add-opens=java.base/java.nio=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.add("-Dlogback.configurationFile=logback.xml"); // not the one of the tests
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("TIDEGATE_"));
        try {
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end of " + name));
            return new ChildProcess(name, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader()) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            // the process is gone, and what it wrote last with it
        }
    }

    /** All it wrote so far. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Waits for a line in which {@code pattern} is found. */
    public Matcher awaitLine(Pattern pattern) {
        return Patience.await(
                "a line with " + pattern,
                () -> lines().stream()
                        .map(pattern::matcher)
                        .filter(Matcher::find)
                        .findFirst()
                        .orElse(null),
                found -> found != null || ended());
    }

    private boolean ended() {
        if (!process.isAlive()) {
            join();
            throw new AssertionError(this + " ended by itself");
        }
        return false;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when it is gone and all it had written is read. */
    public void kill() {
        process.toHandle().destroyForcibly();
        awaitExit();
    }

    /** SIGTERM; returns at once. */
    public void terminate() {
        process.toHandle().destroy(); // the process's own method would close its streams too
    }

    /** SIGSTOP: it lives, keeps its sockets, and does nothing. */
    public void suspend() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("kill -" + signal + " of " + name + " failed with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits for its end, and gives its exit code. */
    public int awaitExit() {
        try {
            if (!process.waitFor(2 * Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("still runs: " + this);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        join();
        return process.exitValue();
    }

    private void join() {
        try {
            reader.join(Peer.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted", e);
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + " (process " + process.pid() + ") that wrote:\n" + String.join("\n", lines());
    }
}
