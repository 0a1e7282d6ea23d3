package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.DrainConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds what is in {@code docs/deploy} to a gateway: what it tells on {@code /metrics}, its configuration, and how long it drains. */
@Timeout(60)
class DeployDocsTest {

    private static final Path DEPLOY = Path.of("..", "docs", "deploy");
    private static final Path PROMETHEUS = DEPLOY.resolve("prometheus");
    private static final Path DASHBOARD = DEPLOY.resolve("grafana").resolve("tidegate.json");
    private static final Path ALERTS = PROMETHEUS.resolve("tidegate-alerts.yml");

    /** How far metrics may be behind, and more. */
    private static final Duration SOON = Duration.ofSeconds(5);

    /** {@code metric label} where a value is there only once it has occurred. */
    private static final Set<String> AS_THEY_OCCUR = Set.of(
            "tidegate_connections_total result", "tidegate_closes_total initiator", "tidegate_closes_total code");

    private static final Path UNIT = DEPLOY.resolve("systemd").resolve("tidegate.service");
    private static final Path KUBERNETES = DEPLOY.resolve("kubernetes").resolve("tidegate.yaml");

    /** From the end of a drain to that of the process, with time to spare. */
    private static final Duration END = Duration.ofSeconds(5);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @TempDir
    private Path directory;

    @Test
    void everyMetricOfDashboardAndAlertsIsScraped() throws IOException {
        Set<String> named = named();
        Set<String> missing = new TreeSet<>(named);
        missing.removeAll(names(scrape(named)));
        assertThat(missing).as("metrics that no gateway has").isEmpty();
    }

    @Test
    void everyLabelOfDashboardAndAlertsIsOnItsMetric() throws IOException {
        MetricSnapshot now = scrape(named());
        Set<String> scraped = names(now);
        Set<String> wrong = new TreeSet<>();
        for (PromQuery query : queries()) {
            for (PromQuery.Label label : query.labels()) {
                String metric = label.metric();
                // The other test tells of metrics that are missing.
                if (metric.startsWith("the result of ") || scraped.contains(metric) && !has(now, label)) {
                    wrong.add(metric + " " + label.name());
                }
                if (scraped.contains(metric) && !AS_THEY_OCCUR.contains(metric + " " + label.name())) {
                    label.values().stream()
                            .filter(value -> !now.has(metric, label.name(), value))
                            .forEach(value -> wrong.add(metric + " " + label.name() + "=\"" + value + "\""));
                }
            }
        }
        assertThat(wrong).as("labels, or their values, that no gateway has").isEmpty();
    }

    @Test
    void everyPanelSaysWhatItShowsAndInWhichUnit() throws IOException {
        Set<Integer> ids = new HashSet<>();
        for (JsonNode panel : dashboard().path("panels")) {
            String title = panel.path("title").asString();
            assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
            if (panel.path("type").asString().equals("row")) {
                continue;
            }
            assertThat(panel.path("description").asString("")).as(title).isNotBlank();
            assertThat(panel.at("/fieldConfig/defaults/unit").asString("")
                            + panel.at("/options/yAxis/unit").asString(""))
                    .as("unit of " + title)
                    .isNotBlank();
        }
    }

    @Test
    void theDashboardTakesWhateverDataSourceIsChosen() throws IOException {
        List<JsonNode> sources = dashboard().findValues("datasource").stream()
                .filter(source -> !source.path("type").asString("").equals("grafana"))
                .toList();
        assertThat(sources)
                .isNotEmpty()
                .allMatch(source -> source.path("uid").asString("").equals("${datasource}"));
        assertThat(dashboard().path("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
    }

    @Test
    void everyAlertSaysHowBadItIsWhatItMeansAndWhatToDo() throws IOException {
        for (Map<?, ?> rule : rules()) {
            String name = rule.get("alert").toString();
            assertThat(rule.containsKey("for")).as(name).isTrue();
            assertThat(((Map<?, ?>) rule.get("labels")).get("severity"))
                    .as(name)
                    .isIn("critical", "warning");
            Set<String> annotations = ((Map<?, ?>) rule.get("annotations"))
                    .keySet().stream().map(Object::toString).collect(Collectors.toSet());
            assertThat(annotations).as(name).containsExactlyInAnyOrder("summary", "description", "action");
            assertThat(Files.readString(PROMETHEUS.resolve("tidegate-alerts.test.yml")))
                    .contains('"' + name + '"');
        }
    }

    @Test
    void alertsFireWhenTheyShould() throws Exception {
        promtool("check", "rules", ALERTS.toString());
        promtool("test", "rules", PROMETHEUS.resolve("tidegate-alerts.test.yml").toString());
    }

    @Test
    void theScrapeConfigurationIsValid() throws Exception {
        promtool("check", "config", PROMETHEUS.resolve("prometheus.yml").toString());
    }

    @Test
    void whatTheDashboardAsksIsPromQl() throws Exception {
        StringBuilder file = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        int next = 0;
        for (PromQuery query : dashboardQueries()) {
            if (!query.text().startsWith("label_values(")) {
                String text = query.text().replace("$__rate_interval", "5m");
                file.append("      - {record: 'panel:" + next++ + "', expr: '" + text.replace("'", "''") + "'}\n");
            }
        }
        assertThat(next).isPositive();
        promtool(
                "check",
                "rules",
                Files.writeString(directory.resolve("dashboard.yml"), file).toString());
    }

    /** What a gateway has after a message, a reply and a Close on a route that does all it can. */
    private MetricSnapshot scrape(Set<String> named) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoute("""
                continuity: reconnect
                confirm: ping
                requests: {id: /id}
                dedup: {key: /id}
                prologue: {first: 1}
                ping: {interval: 100ms, timeout: 10s}
                """, upstream);
        fixture.connect("/");
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("{\"id\":1}"));
        client.awaitFrames(1);
        client.sendClose(1000, "");
        client.awaitEnd();
        MetricSnapshot now = MetricSnapshot.await(
                fixture.admin(),
                each -> each.value("tidegate_connections") == 1
                        && each.value("tidegate_accounting_total", "what", "delivered") == 1);
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!names(now).containsAll(named) && deadline - System.nanoTime() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            now = fixture.metrics();
        }
        return now;
    }

    private static Set<String> names(MetricSnapshot now) {
        return now.samples().keySet().stream()
                .map(series -> series.split("\\{", 2)[0])
                .collect(Collectors.toSet());
    }

    private static boolean has(MetricSnapshot now, PromQuery.Label label) {
        return now.samples().keySet().stream()
                .filter(series -> series.startsWith(label.metric() + "{"))
                .anyMatch(series ->
                        series.contains("{" + label.name() + "=") || series.contains("," + label.name() + "="));
    }

    private static Set<String> named() throws IOException {
        Set<String> names = new TreeSet<>();
        queries().forEach(query -> names.addAll(query.metrics()));
        assertThat(names).hasSizeGreaterThan(30);
        return names;
    }

    private static List<PromQuery> queries() throws IOException {
        List<PromQuery> queries = new ArrayList<>(dashboardQueries());
        for (Map<?, ?> rule : rules()) {
            queries.add(new PromQuery(
                    rule.get("expr").toString(), rule.get("annotations").toString()));
        }
        return queries;
    }

    private static List<PromQuery> dashboardQueries() throws IOException {
        JsonNode dashboard = dashboard();
        List<PromQuery> queries = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(new PromQuery(
                        target.path("expr").asString(),
                        target.path("legendFormat").asString("")));
            }
        }
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            if (variable.path("type").asString().equals("query")) {
                queries.add(new PromQuery(variable.at("/query/query").asString(), ""));
            }
        }
        for (JsonNode annotation : dashboard.path("annotations").path("list")) {
            if (annotation.has("expr")) {
                queries.add(new PromQuery(
                        annotation.path("expr").asString(),
                        annotation.path("titleFormat").asString("")));
            }
        }
        return queries;
    }

    private static JsonNode dashboard() throws IOException {
        return new JsonMapper().readTree(Files.readString(DASHBOARD));
    }

    private static List<Map<?, ?>> rules() throws IOException {
        Object file = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(ALERTS));
        List<Map<?, ?>> rules = new ArrayList<>();
        for (Object group : (List<?>) ((Map<?, ?>) file).get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                rules.add((Map<?, ?>) rule);
            }
        }
        return rules;
    }

    // who starts and stops it

    @Test
    void systemdWaitsForADrain() throws IOException {
        Matcher wait = Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$").matcher(Files.readString(UNIT));
        assertThat(wait.find()).isTrue();
        assertThat(Duration.ofSeconds(Long.parseLong(wait.group(1))))
                .isGreaterThanOrEqualTo(DrainConfig.DEFAULTS.timeout().plus(END));
    }

    @Test
    void systemdTakesTheUnit() throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path unit = Files.writeString(
                directory.resolve("tidegate.service"),
                Files.readString(UNIT).replace("/usr/bin/java", java.toString()));
        assertThat(run("systemd-analyze", "systemd", "verify", "--man=no", unit.toString()))
                .isEmpty();
    }

    @Test
    void kubernetesWaitsForADrainAndKnowsWhereTheGatewayListens() throws Exception {
        List<JsonNode> objects = new ArrayList<>();
        new Load(LoadSettings.builder().build())
                .loadAllFromString(Files.readString(KUBERNETES))
                .forEach(object -> objects.add(new JsonMapper().valueToTree(object)));
        assertThat(objects.stream().map(object -> object.get("kind").asString()))
                .containsExactly("ConfigMap", "Deployment", "Service", "PodDisruptionBudget");
        GatewayConfig config = ConfigReader.read(
                Files.writeString(
                        directory.resolve("tidegate.yaml"),
                        objects.get(0).at("/data/tidegate.yaml").asString()),
                Map.of("TIDEGATE_ADMIN_TOKEN", "secret"));
        JsonNode pod = objects.get(1).at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        assertThat(container.at("/ports/0/containerPort").asInt())
                .isEqualTo(config.listeners().get(0).address().port());
        assertThat(container.at("/ports/1/containerPort").asInt())
                .isEqualTo(Objects.requireNonNull(config.admin()).address().port());
        Duration preStop = Duration.ofSeconds(
                Long.parseLong(container.at("/lifecycle/preStop/exec/command/1").asString()));
        assertThat(Duration.ofSeconds(pod.get("terminationGracePeriodSeconds").asLong()))
                .isGreaterThanOrEqualTo(preStop.plus(config.drain().timeout()).plus(END));
        fixture.start(fixture.upstream(Script.ECHO));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            String path = container.get(probe).at("/httpGet/path").asString();
            assertThat(new AdminClient(fixture.admin()).get(path).statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
    }

    private static void promtool(String... arguments) throws IOException, InterruptedException {
        run("promtool", "prometheus", arguments);
    }

    /** What a program says that has nothing to complain of; the test is skipped where it isn't on the PATH. */
    private static String run(String program, String debianPackage, String... arguments)
            throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
                "skipped: " + program + " is not on the PATH; Debian has it in the package `" + debianPackage + '`');
        Process process = new ProcessBuilder(
                        Stream.concat(Stream.of(program), Stream.of(arguments)).toList())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s %s:\n%s", program, String.join(" ", arguments), output)
                .isZero();
        return output;
    }
}
