package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Holds committed documentation to what it is generated from; with a property set, writes it. */
public final class GeneratedDocs {

    private static final Path DOCS = Path.of("..", "docs");
    private static final String WRITE = "tidegate.docs.write";
    private static final String HOW = "docs/%s is stale. Write it anew with: mvn -q -pl gateway-server -am test"
            + " -Dtest='Generated*Test' -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";

    private GeneratedDocs() {}

    /** Fails, and says what to do, if the file is not as {@code expected}. */
    public static void isFresh(String name, String expected) throws IOException {
        Path file = DOCS.resolve(name);
        if (Boolean.getBoolean(WRITE)) {
            Files.createDirectories(DOCS);
            Files.writeString(file, expected);
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(HOW, name)
                .isEqualTo(expected);
    }
}
