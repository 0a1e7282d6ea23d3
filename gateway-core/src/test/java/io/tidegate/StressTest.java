package io.tidegate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every jcstress test ({@code *Stress}) for a short while, in JVMs of its own.
 *
 * <p>To run one for longer: {@code java -cp … org.openjdk.jcstress.Main -t NAME -m default}.
 */
class StressTest {

    private static final Pattern RESULTS = Pattern.compile(
            "\\(Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs\\)");

    @Test
    void threadsSeeNothingForbidden(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.openjdk.jcstress.Main",
                        "-t",
                        "io.tidegate",
                        "-m",
                        "quick",
                        "-iters",
                        "3",
                        "-time",
                        "50",
                        "-f",
                        "1",
                        "-sc",
                        "false",
                        "-jvmArgs",
                        "-Xmx256m",
                        "-r",
                        directory.toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();

        int planned = 0;
        int passed = 0;
        Matcher results = RESULTS.matcher(output);
        while (results.find()) {
            planned = Integer.parseInt(results.group(1));
            passed = Integer.parseInt(results.group(2));
        }
        String report = output.substring(Math.max(0, output.indexOf("RUN RESULTS")));
        assertThat(process.exitValue()).as(report).isZero();
        assertThat(planned).as("tests run: %s", output).isGreaterThanOrEqualTo(stressTests());
        assertThat(passed).as(report).isEqualTo(planned);
    }

    /** How many there are, whatever jcstress found of them. */
    private static int stressTests() throws Exception {
        Path classes = Path.of(StressTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            long found = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Stress.class") && !name.contains("$"))
                    .count();
            assertThat(found).isPositive();
            return (int) found;
        }
    }
}
