package io.tidegate.bench.fault.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What Linux counts, for all of its processes together or for one. */
public final class HostCounters {

    private static final Path NETSTAT = Path.of("/proc/net/netstat");

    private HostCounters() {}

    /** How often a listener's queue was full so that a connection was dropped; empty where Linux doesn't tell. */
    public static Map<String, Long> listenDrops() throws IOException {
        return Files.isReadable(NETSTAT) ? listenDrops(Files.readAllLines(NETSTAT)) : Map.of();
    }

    static Map<String, Long> listenDrops(List<String> netstat) {
        Map<String, Long> counters = new TreeMap<>();
        for (int i = 0; i + 1 < netstat.size(); i += 2) {
            String[] names = netstat.get(i).split(" ", -1);
            String[] values = netstat.get(i + 1).split(" ", -1);
            for (int j = 1; j < names.length && names[0].equals("TcpExt:"); j++) {
                if (names[j].equals("ListenOverflows") || names[j].equals("ListenDrops")) {
                    counters.put(names[j], Long.parseLong(values[j]));
                }
            }
        }
        return counters;
    }

    /** The most memory that a process had resident so far, in bytes; 0 where Linux doesn't tell. */
    public static long peakResident(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }
}
