package io.tidegate.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void whatIsFitStays() {
        assertThat(Printable.of("/chat?q=ä🌊 \"x\"")).isEqualTo("/chat?q=ä🌊 \"x\"");
        assertThat(Printable.of((String) null)).isEqualTo("null");
    }

    @Test
    void whatActsOnATerminalOrBeginsALineDoesNot() {
        assertThat(Printable.of("a\r\n\u001b[2J\u009b\u202e\u2028b")).isEqualTo("a???[2J???b");
    }

    @Test
    void anAddressIsTheAddressAndNothingElse() throws Exception {
        InetAddress v6 = InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        assertThat(Printable.of(new InetSocketAddress("10.1.2.3", 40_000))).isEqualTo("10.1.2.3:40000");
        assertThat(Printable.of(new InetSocketAddress(v6, 1))).isEqualTo("[::1]:1");
        assertThat(Printable.of((SocketAddress) null)).isEqualTo("unknown");
    }

    @Test
    void noWordsAreTooLong() {
        assertThat(Printable.of("x".repeat(200))).hasSize(200);
        assertThat(Printable.of("x".repeat(100_000))).hasSize(201).endsWith("x…");
    }
}
