package io.tidegate.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.queue.Departure;
import io.tidegate.server.config.ConfigReader.Loaded;
import io.tidegate.server.config.continuity.Continuity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Holds what {@code docs/continuity.md} shows to what the gateway takes and counts. */
class ContinuityDocsTest {

    private static final Path PAGE = Path.of("..", "docs", "continuity.md");
    private static final Pattern SECTION = Pattern.compile("(?m)^## ");
    private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

    /** A section of the page, and a configuration in it. */
    private record Example(String section, String yaml) {}

    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicTest> everyExampleIsValidAndReconnects() throws IOException {
        return examples().stream()
                .map(example -> DynamicTest.dynamicTest(example.section(), () -> {
                    Path file = Files.writeString(Files.createTempFile(directory, "example", ".yaml"), example.yaml());

                    Loaded loaded = ConfigReader.load(file, Map.of());

                    assertThat(loaded.warnings()).isEmpty();
                    assertThat(loaded.config().routes())
                            .isNotEmpty()
                            .allMatch(route -> route.continuity().mode() == Continuity.RECONNECT);
                }));
    }

    @Test
    void thereIsAnExampleForEachKindOfProtocol() throws IOException {
        assertThat(examples().stream().map(Example::section))
                .containsExactly("JSON-RPC", "OCPP-J", "graphql-transport-ws", "Plain text");
    }

    @Test
    void everyReasonForADropIsExplained() throws IOException {
        String accounting = SECTION.splitAsStream(Files.readString(PAGE))
                .filter(section -> section.startsWith("Accounting\n"))
                .findFirst()
                .orElseThrow();

        assertThat(accounting.lines().filter(line -> line.startsWith("| `")).map(line -> line.split("`")[1]))
                .containsExactlyInAnyOrderElementsOf(
                        Departure.DROPS.stream().map(Departure::label).toList());
    }

    private static List<Example> examples() throws IOException {
        return SECTION.splitAsStream(Files.readString(PAGE))
                .flatMap(section -> EXAMPLE.matcher(section)
                        .results()
                        .map(yaml -> new Example(section.lines().findFirst().orElseThrow(), yaml.group(1))))
                .toList();
    }
}
