package io.tidegate.bench.fault.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidegate.bench.fault.judge.Deliveries;
import io.tidegate.bench.fault.message.Numbered;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the journal as it grows.
 *
 * <p>A record is a line that begins with {@code !}. A process that is killed in the middle of a write may leave the
 * beginning of a record, without its end, and the next record right behind it: only what follows the last {@code !} of a
 * line counts. What was not written whole was not answered either.
 *
 * <p><b>Threads:</b> one.
 */
public final class Journal implements AutoCloseable {

    private final FileChannel file;
    private final Deliveries deliveries;
    private final Map<Integer, Long> sessions = new TreeMap<>();
    private final ByteBuffer chunk = ByteBuffer.allocate(64 << 10);
    private final StringBuilder line = new StringBuilder();

    /**
     * Opens it.
     *
     * @param deliveries are told what was read
     */
    public Journal(Path path, Deliveries deliveries) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.READ);
        this.deliveries = deliveries;
    }

    /** Reads what was added. */
    public void readOn() throws IOException {
        while (file.read(chunk.clear()) > 0) {
            chunk.flip();
            while (chunk.hasRemaining()) {
                char next = (char) chunk.get();
                if (next == '\n') {
                    take(line.substring(line.lastIndexOf("!") + 1));
                    line.setLength(0);
                } else {
                    line.append(next);
                }
            }
        }
    }

    /** WebSocket sessions that each endpoint accepted. */
    public Map<Integer, Long> sessions() {
        return sessions;
    }

    /** Reads what was added last, and closes it; does nothing when that was done. */
    @Override
    public void close() throws IOException {
        if (file.isOpen()) {
            try (file) {
                readOn();
            }
        }
    }

    private void take(String record) {
        String[] words = record.split(" ", -1);
        switch (words[0]) {
            case "read" -> deliveries.read(new Numbered(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            case "damaged" -> deliveries.damaged();
            case "session" -> sessions.merge(Integer.parseInt(words[1]), 1L, Long::sum);
            default -> throw new IllegalStateException("journal: " + record + " (expected: read, damaged, session)");
        }
    }

    /**
     * Writes it, for one upstream.
     *
     * <p><b>Threads:</b> one.
     */
    static final class Writer implements AutoCloseable {

        private final FileChannel file;
        private final int endpoint;

        Writer(Path path, int endpoint) throws IOException {
            this.file = FileChannel.open(path, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
            this.endpoint = endpoint;
        }

        void read(Numbered number) throws IOException {
            write("!read " + number.client() + ' ' + number.sequence() + '\n');
        }

        void damaged() throws IOException {
            write("!damaged\n");
        }

        void session() throws IOException {
            write("!session " + endpoint + '\n');
        }

        private void write(String record) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(record.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
