package io.tidegate.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void whatIsFitStays() {
        assertThat(Printable.of("/chat?q=ä🌊 \"x\"")).isEqualTo("/chat?q=ä🌊 \"x\"");
        assertThat(Printable.of(null)).isEqualTo("null");
    }

    @Test
    void whatActsOnATerminalOrBeginsALineDoesNot() {
        assertThat(Printable.of("a\r\n\u001b[2J\u009b\u202e\u2028b")).isEqualTo("a???[2J???b");
    }

    @Test
    void noWordsAreTooLong() {
        assertThat(Printable.of("x".repeat(200))).hasSize(200);
        assertThat(Printable.of("x".repeat(100_000))).hasSize(201).endsWith("x…");
    }
}
