package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
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

/** What the load generator itself costs per message, its system calls aside. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class LoadFrameBenchmark {

    /** Bytes per message. */
    @Param({"128", "16384"})
    public int size = 128;

    /** Whether messages are JSON-RPC requests. */
    @Param({"false", "true"})
    public boolean jsonRpc;

    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private Payload payload;
    private FrameWriter writer;
    private FrameReader reader;
    private ByteBuf echo;
    private long id;

    /** Made by JMH. */
    @SuppressWarnings("NullAway.Init")
    public LoadFrameBenchmark() {}

    /** Makes an echo to read. */
    @Setup(Level.Trial)
    public void prepare() {
        Traffic traffic = Traffic.openLoop(1, size);
        payload = Payload.of(jsonRpc ? traffic.asJsonRpc() : traffic);
        writer = new FrameWriter(payload, FrameWriter.TEXT);
        byte[] bytes = new byte[size];
        payload.fill(bytes, MessageId.of(1, 1));
        echo = allocator.directBuffer();
        echo.writeByte(0x81).writeByte(126).writeShort(size).writeBytes(bytes);
        reader = new FrameReader(
                new FrameReader.Sink() {
                    @Override
                    public void message(ByteBuf from, int index, int length) {
                        id = payload.read(from, index, length);
                    }

                    @Override
                    public void control(int opcode, ByteBuf from, int index, int length) {}

                    @Override
                    public void violation(String what) {
                        throw new IllegalStateException(what);
                    }
                },
                1 << 20);
    }

    /** Lets the echo go. */
    @TearDown(Level.Trial)
    public void release() {
        echo.release();
    }

    /** Makes, masks and frames one message. */
    @Benchmark
    public int write() {
        ByteBuf frame = writer.message(allocator, MessageId.of(1, id++ & 0xFFFF));
        int bytes = frame.readableBytes();
        frame.release();
        return bytes;
    }

    /** Finds one echo in what was read, and compares it. */
    @Benchmark
    public long read() {
        reader.read(echo.retainedDuplicate(), allocator);
        return id;
    }
}
