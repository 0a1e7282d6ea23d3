package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the committed documentation to the key definitions; with a property set, writes it. */
class GeneratedDocsTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final String WRITE = "tidegate.docs.write";
    private static final String HOW = "docs/%s is stale. Write it anew with: mvn -q -pl gateway-server -am test"
            + " -Dtest=GeneratedDocsTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";

    @TempDir
    private Path directory;

    @Test
    void referenceIsFresh() throws IOException {
        isFresh("configuration.md", ConfigReference.write());
    }

    @Test
    void schemaIsFresh() throws IOException {
        isFresh("schema.json", ConfigSchema.write());
    }

    @Test
    void exampleInTheReferenceIsValid() throws Exception {
        String page = ConfigReference.write();
        String example = page.substring(page.indexOf("```yaml\n") + 8, page.indexOf("\n```\n"));
        Path file = Files.writeString(directory.resolve("example.yaml"), example);

        GatewayConfig config = ConfigReader.read(file, Map.of());

        assertThat(config.routes()).hasSize(2);
    }

    private static void isFresh(String name, String expected) throws IOException {
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
