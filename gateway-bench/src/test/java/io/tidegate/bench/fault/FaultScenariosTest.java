package io.tidegate.bench.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.bench.fault.process.Namespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Scenarios, small: enough to see that they break what they should, and judge it. */
@Timeout(300)
class FaultScenariosTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"pause", "partition"})
    void anUpstreamThatFallsSilentLosesNothing(String scenario) throws Exception {
        assumeTrue(scenario.equals("pause") || Namespace.possible(), "partition needs root and iproute2");
        JsonNode json = held("--scenario=" + scenario, "--kills=1", "--requests=600", "--clients=3", "--downtime=1s");
        assertThat(json.at("/client/answered").asInt()).isEqualTo(600);
        assertThat(json.at("/recovery/downtimeMillis/count").asInt()).isEqualTo(1);
    }

    @Test
    void clientsAreHeldBackAndNothingIsLost() throws Exception {
        int budget = 1 << 20;
        JsonNode json = held("--scenario=slow", "--clients=3", "--size=65536", "--queue-bytes=" + budget);
        JsonNode figures = json.get("figures");
        int held = figures.get("sentUntilStandstill").asInt();
        assertThat(held).isPositive().isLessThan(figures.get("offered").asInt());
        assertThat(figures.get("peakQueueBytes").asInt()).isBetween(1, budget);
        assertThat(json.at("/client/answered").asInt())
                .as("and as many more as there are clients")
                .isEqualTo(held + 3);
    }

    @Test
    void survivorsTakeTheSessionsOfAnEndpointThatIsKilled() throws Exception {
        JsonNode figures = held("--scenario=storm", "--clients=20").get("figures");
        int lost = figures.get("sessionsOpenedAtTheVictim").asInt();
        assertThat(lost).isPositive();
        assertThat(figures.get("sessionsOpenedAtSurvivors").asInt()).isEqualTo(lost);
        assertThat(figures.get("dialsAtSurvivors").asInt()).isEqualTo(lost);
        assertThat(figures.get("breakerTransitionsAtSurvivors").asInt()).isZero();
        assertThat(figures.get("clientsBack").asInt()).isEqualTo(20);
    }

    private JsonNode held(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("--json");
        JsonNode json = FaultProcess.held(directory, all.toArray(String[]::new));
        assertThat(json.get("faults").asInt()).isEqualTo(1);
        assertThat(json.at("/client/closes").size()).isZero();
        JsonNode books = json.at("/accounting/all");
        assertThat(books.get("accepted").asLong())
                .isPositive()
                .isEqualTo(books.get("delivered").asLong());
        return json;
    }
}
