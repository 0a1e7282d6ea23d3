package io.tidegate.bench.fault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The command line, with real gateways and upstreams that are really killed. No time is judged. */
@Timeout(300)
class FaultProcessTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"kill, 1014", "restart, 1012"})
    void clientsOfACloseRouteAreTold(String scenario, String code) throws Exception {
        JsonNode json = FaultProcess.held(
                directory,
                "--scenario=" + scenario,
                "--continuity=close",
                "--kills=2",
                "--requests=600",
                "--clients=3",
                "--downtime=10ms",
                "--json");
        JsonNode client = json.get("client");
        assertThat(client.get("sent").asInt()).isEqualTo(600);
        assertThat(client.get("answered").asInt()
                        + client.get("lostWithConnection").asInt())
                .isEqualTo(600);
        assertThat(client.get("closes").propertyNames()).containsExactly(code);
        assertThat(client.get("closes").get(code).asInt()).isBetween(1, 6);
        JsonNode upstream = json.get("upstream");
        assertThat(upstream.get("read").asInt() + upstream.get("missing").asInt())
                .isEqualTo(600);
        assertThat(json.get("recovery").get("downtimeMillis").get("count").asInt())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"--requests-protocol=json-rpc", "--confirm=ping"})
    void clientsOfAReconnectRouteStayAndNothingIsLost(String promise) throws Exception {
        JsonNode json = FaultProcess.held(
                directory,
                "--scenario=kill",
                promise,
                "--kills=3",
                "--requests=900",
                "--clients=3",
                "--downtime=10ms",
                "--json");
        assertThat(json.get("client").get("sent").asInt()).isEqualTo(900);
        assertThat(json.get("client").get("closes").size()).isZero();
        assertThat(json.get("upstream").get("read").asInt()).isEqualTo(900);
        assertThat(json.get("upstream").get("missing").asInt()).isZero();
    }

    @Test
    void anInterruptedRunLeavesNoProcessBehind() throws Exception {
        Process process = FaultProcess.start(directory, "--scenario=kill", "--continuity=close", "--kills=1000");
        List<ProcessHandle> children = new ArrayList<>();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            while (process.isAlive() && children.size() < 2) {
                children.clear();
                process.toHandle().children().forEach(children::add);
                Thread.onSpinWait();
            }
            process.toHandle().destroy(); // SIGTERM ends a JVM the way SIGINT does
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(out.lines()).isEmpty();
        }
        assertThat(children).hasSize(2);
        for (ProcessHandle child : children) {
            child.onExit().get(60, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--kills=3, Missing required option",
        "--scenario=flood, 'expected: kill, restart, pause, partition, slow or storm'",
        "--scenario=kill --continuity=maybe, expected: reconnect or close",
        "--scenario=kill --continuity=close --confirm=ping, expected: reconnect",
        "--scenario=kill --kills=0, kills: 0 (expected: 1 or more)",
        "--scenario=kill --requests-protocol=soap, 'expected: json-rpc, ocpp-j or none'",
        "--scenario=storm --endpoints=1, expected: 2 or more"
    })
    void wrongUsage(String options, String words) throws Exception {
        Process process = FaultProcess.start(directory, options.split(" "));
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).isEqualTo(64);
        assertThat(FaultProcess.errors(directory)).contains(words).doesNotContain("\tat ");
    }
}
