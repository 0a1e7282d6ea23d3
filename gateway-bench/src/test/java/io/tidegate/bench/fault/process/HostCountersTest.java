package io.tidegate.bench.fault.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostCountersTest {

    @Test
    void findsTheCountersOfListeners() {
        List<String> netstat = List.of(
                "TcpExt: SyncookiesSent ListenOverflows ListenDrops TW",
                "TcpExt: 1 22 33 4",
                "IpExt: InNoRoutes ListenDrops",
                "IpExt: 5 6");

        assertThat(HostCounters.listenDrops(netstat))
                .containsEntry("ListenOverflows", 22L)
                .containsEntry("ListenDrops", 33L)
                .hasSize(2);
    }
}
