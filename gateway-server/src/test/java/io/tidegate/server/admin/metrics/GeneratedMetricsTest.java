package io.tidegate.server.admin.metrics;

import io.tidegate.testkit.GeneratedDocs;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Holds the committed documentation to the definitions of the metrics. */
class GeneratedMetricsTest {

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems don't say all of it of a process")
    void referenceIsFresh() throws IOException {
        GeneratedDocs.isFresh("metrics.md", MetricsReference.write());
    }
}
