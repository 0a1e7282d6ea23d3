package io.tidegate.server.admin.stats;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JsonGenerator;

/** What the process has of the machine's memory, in bytes, as a property of a JSON object. */
final class MemoryJson {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final long KIB = 1024;

    private MemoryJson() {}

    /** Reads a file, where there is a Linux. */
    static void memory(JsonGenerator to) {
        Runtime heap = Runtime.getRuntime();
        to.writeObjectPropertyStart("memory");
        to.writeNumberProperty("heapUsed", heap.totalMemory() - heap.freeMemory());
        to.writeNumberProperty("heapCommitted", heap.totalMemory());
        to.writeNumberProperty("heapMax", heap.maxMemory());
        to.writeNumberProperty("directUsed", direct());
        to.writeNumberProperty("directMax", PlatformDependent.maxDirectMemory());
        to.writeNumberProperty("resident", resident());
        to.writeEndObject();
    }

    /** What Netty's buffers take outside the heap, those included that are kept to be used again. */
    private static long direct() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator
                ? allocator.metric().usedDirectMemory()
                : 0;
    }

    /** 0 where nobody says. */
    private static long resident() {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> KIB
                            * Long.parseLong(
                                    line.substring(RESIDENT.length()).strip().split(" ", 2)[0]))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
