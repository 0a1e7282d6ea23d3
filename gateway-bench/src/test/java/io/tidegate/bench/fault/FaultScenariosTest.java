package io.tidegate.bench.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
        String[] all = Stream.concat(Stream.of(options.split(" ")), Stream.of("--json"))
                .toArray(String[]::new);
        Process process = FaultProcess.start(directory, all);
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(out + FaultProcess.errors(directory)).isZero();
        JsonNode json = JsonMapper.builder().build().readTree(out);
        assertThat(json.get("ok").asBoolean()).isTrue();
        assertThat(json.get("faults").asInt()).isEqualTo(1);
        assertThat(json.at("/client/closes").size()).isZero();
        JsonNode books = json.at("/accounting/all");
        assertThat(books.get("accepted").asLong())
                .isPositive()
                .isEqualTo(books.get("delivered").asLong());
    }
}
