package io.tidegate.bench.fault.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Everything that a run must undo: processes to end, namespaces to remove. Undone on {@link #close}, last thing first, and
 * when the JVM ends before that.
 *
 * <p><b>Threads:</b> any.
 */
public final class Children implements AutoCloseable {

    /** Undoes something; called once, and safe when it is undone already. */
    @FunctionalInterface
    public interface Undo {
        void run();
    }

    private final Deque<Undo> undos = new ArrayDeque<>();
    private final Thread hook = new Thread(this::undo, "undo");
    private boolean over;

    /** Begins, and sees to it that nothing stays behind when the JVM is told to end. */
    public Children() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a process. Its standard error goes to a file, its standard input is open until it ends. */
    public synchronized Child start(String name, List<String> command, Path log) throws IOException {
        if (over) {
            throw new IOException(name + ": not started, the run is over");
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Child child = new Child(name, builder.start(), log);
        undos.push(child::kill);
        return child;
    }

    /** Remembers something else to undo. */
    public synchronized void undoing(Undo undo) {
        undos.push(undo);
    }

    @Override
    public void close() {
        undo();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // it is running: nothing to remove
        }
    }

    private synchronized void undo() {
        over = true;
        while (!undos.isEmpty()) {
            undos.pop().run();
        }
    }
}
