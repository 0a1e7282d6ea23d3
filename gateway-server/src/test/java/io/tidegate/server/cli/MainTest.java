package io.tidegate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void versionIsNeverEmpty() {
        assertThat(Main.version()).isNotBlank();
    }
}
