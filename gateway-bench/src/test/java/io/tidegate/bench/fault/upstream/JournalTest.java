package io.tidegate.bench.fault.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.fault.judge.Deliveries;
import io.tidegate.bench.fault.message.Numbered;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    @TempDir
    private Path directory;

    private final Deliveries deliveries = new Deliveries();

    @Test
    void severalUpstreamsWriteInOneOrder() throws Exception {
        Path path = directory.resolve("journal");
        try (Journal.Writer first = new Journal.Writer(path, 0);
                Journal.Writer second = new Journal.Writer(path, 1);
                Journal journal = new Journal(path, deliveries)) {
            first.session();
            first.read(new Numbered(0, 0));
            second.session();
            second.read(new Numbered(0, 1));
            journal.readOn();
            assertThat(deliveries.distinct()).isEqualTo(2);

            second.session();
            second.damaged();
            first.read(new Numbered(0, 2));
            second.read(new Numbered(0, 2));
            journal.readOn();

            assertThat(deliveries.distinct()).isEqualTo(3);
            assertThat(deliveries.repeated()).isEqualTo(1);
            assertThat(deliveries.reordered()).isZero();
            assertThat(deliveries.damagedCount()).isEqualTo(1);
            assertThat(journal.sessions()).containsEntry(0, 1L).containsEntry(1, 2L);
        }
    }

    @Test
    void isReadToItsEndWhenItIsClosed() throws Exception {
        Path path = directory.resolve("journal");
        try (Journal.Writer writer = new Journal.Writer(path, 0);
                Journal journal = new Journal(path, deliveries)) {
            writer.read(new Numbered(0, 0));
            journal.readOn();
            writer.read(new Numbered(0, 1));
            writer.read(new Numbered(0, 1));
            journal.close();
        }

        assertThat(deliveries.distinct()).isEqualTo(2);
        assertThat(deliveries.repeated()).isEqualTo(1);
    }

    @Test
    void aRecordThatAKillCutOffDoesNotCount() throws Exception {
        Path path = directory.resolve("journal");
        try (Journal.Writer killed = new Journal.Writer(path, 0);
                Journal.Writer next = new Journal.Writer(path, 0);
                Journal journal = new Journal(path, deliveries)) {
            killed.read(new Numbered(0, 0));
            Files.writeString(path, "!read 0 1", StandardOpenOption.APPEND);
            journal.readOn();
            next.read(new Numbered(0, 5));
            journal.readOn();

            assertThat(deliveries.distinct()).isEqualTo(2);
            assertThat(deliveries.missing(0, 6)).isEqualTo(4);
        }
    }
}
