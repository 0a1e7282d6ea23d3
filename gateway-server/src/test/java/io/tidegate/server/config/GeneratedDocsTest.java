package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.GeneratedDocs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the committed documentation to the key definitions. */
class GeneratedDocsTest {

    @TempDir
    private Path directory;

    @Test
    void referenceIsFresh() throws IOException {
        GeneratedDocs.isFresh("configuration.md", ConfigReference.write());
    }

    @Test
    void schemaIsFresh() throws IOException {
        GeneratedDocs.isFresh("schema.json", ConfigSchema.write());
    }

    @Test
    void exampleInTheReferenceIsValid() throws Exception {
        String page = ConfigReference.write();
        String example = page.substring(page.indexOf("```yaml\n") + 8, page.indexOf("\n```\n"));
        Path file = Files.writeString(directory.resolve("example.yaml"), example);

        GatewayConfig config = ConfigReader.read(file, Map.of());

        assertThat(config.routes()).hasSize(2);
    }
}
