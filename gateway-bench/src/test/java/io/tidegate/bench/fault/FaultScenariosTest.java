package io.tidegate.bench.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Scenarios, small: enough to see that they break what they should, and judge it. {@code partition} is not among them, as it
 * needs root.
 */
@Timeout(300)
class FaultScenariosTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "--scenario=pause --kills=1 --requests=600 --clients=3 --downtime=1s",
        "--scenario=slow --clients=40 --requests=4000 --queue-bytes=4194304",
        "--scenario=storm --clients=60",
    })
    void everyScenarioHolds(String options) throws Exception {
        JsonNode json = FaultProcess.held(directory, (options + " --json").split(" "));
        assertThat(json.get("faults").asInt()).isEqualTo(1);
        assertThat(json.at("/client/closes").size()).isZero();
        JsonNode books = json.at("/accounting/all");
        assertThat(books.get("accepted").asLong())
                .isPositive()
                .isEqualTo(books.get("delivered").asLong());
    }
}
