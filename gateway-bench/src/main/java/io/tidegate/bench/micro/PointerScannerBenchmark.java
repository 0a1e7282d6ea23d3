package io.tidegate.bench.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.PointerScanner;
import io.tidegate.json.ScanLimits;
import io.tidegate.json.ScanStatus;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** What it costs to find the id of a JSON-RPC request that stands behind its parameters, or in front of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class PointerScannerBenchmark {

    /** Bytes of the message, about. */
    @Param({"100", "1000"})
    public int size = 100;

    /** Whether the id is the last member, so that all else has to be skipped, or the first. */
    @Param({"true", "false"})
    public boolean idLast = true;

    private final JsonPointer pointer = JsonPointer.parse("/id");
    private final PointerScanner scanner = new PointerScanner(ScanLimits.DEFAULTS);
    private final byte[] key = new byte[scanner.maxKeyBytes()];
    private final JsonFactory jackson = new JsonFactory();
    private byte[] bytes;
    private ByteBuf heap;
    private ByteBuf direct;
    private ByteBuf composite;

    /** Made by JMH. */
    @SuppressWarnings("NullAway.Init")
    public PointerScannerBenchmark() {}

    /** Makes the message, and buffers that hold it. */
    @Setup(Level.Trial)
    public void prepare() {
        bytes = message().getBytes(UTF_8);
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        heap = allocator.heapBuffer().writeBytes(bytes);
        direct = allocator.directBuffer().writeBytes(bytes);
        int half = bytes.length / 2;
        CompositeByteBuf halves = allocator.compositeBuffer();
        halves.addComponent(true, allocator.directBuffer().writeBytes(bytes, 0, half));
        halves.addComponent(true, allocator.directBuffer().writeBytes(bytes, half, bytes.length - half));
        composite = halves;
    }

    private String message() {
        String id = "\"id\":123456";
        StringBuilder params = new StringBuilder("\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":[");
        for (int i = 0; params.length() < size - id.length() - 40; i++) {
            params.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"some ordinary text\",\"value\":")
                    .append(i * 1.5)
                    .append(",\"seen\":true}");
        }
        params.append(']');
        return idLast ? "{" + params + "," + id + "}" : "{" + id + "," + params + "}";
    }

    /** Lets the buffers go. */
    @TearDown(Level.Trial)
    public void release() {
        heap.release();
        direct.release();
        composite.release();
    }

    /** Finds the id in a heap buffer. */
    @Benchmark
    public ScanStatus heap() {
        return scanner.scan(pointer, heap);
    }

    /** Finds the id in a direct buffer. */
    @Benchmark
    public ScanStatus direct() {
        return scanner.scan(pointer, direct);
    }

    /** Finds the id in two direct buffers. */
    @Benchmark
    public ScanStatus composite() {
        return scanner.scan(pointer, composite);
    }

    /** Finds the id in a direct buffer and copies it as a key. */
    @Benchmark
    public int directKey() {
        scanner.scan(pointer, direct);
        return scanner.key(direct, key);
    }

    /** Has Jackson's streaming parser find the id, in an array. */
    @Benchmark
    public long jackson() {
        try (JsonParser parser = jackson.createParser(ObjectReadContext.empty(), bytes)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean found = parser.currentName().equals("id");
                parser.nextToken();
                if (found) {
                    return parser.getLongValue();
                }
                parser.skipChildren();
            }
        }
        return -1;
    }
}
