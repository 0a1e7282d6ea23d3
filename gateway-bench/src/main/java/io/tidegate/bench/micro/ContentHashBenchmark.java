package io.tidegate.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidegate.dedup.KeyHash;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
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

/** The hash of a message's content, beside SHA-256, which the JDK computes by the processor's own instructions if it has them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ContentHashBenchmark {

    /** Bytes of the message. */
    @Param({"1024", "10240"})
    public int size = 1024;

    private final KeyHash hash = new KeyHash();
    private final byte[] digest = new byte[32];
    private byte[] bytes;
    private ByteBuf heap;
    private ByteBuf direct;
    private ByteBuf composite;
    private MessageDigest sha256;

    /** Made by JMH. */
    @SuppressWarnings("NullAway.Init")
    public ContentHashBenchmark() {}

    /** Makes the message, and buffers that hold it. */
    @Setup(Level.Trial)
    public void prepare() throws NoSuchAlgorithmException {
        bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        heap = allocator.heapBuffer(size).writeBytes(bytes);
        direct = allocator.directBuffer(size).writeBytes(bytes);
        CompositeByteBuf halves = allocator.compositeBuffer();
        halves.addComponent(true, allocator.directBuffer().writeBytes(bytes, 0, size / 2));
        halves.addComponent(true, allocator.directBuffer().writeBytes(bytes, size / 2, size - size / 2));
        composite = halves;
        sha256 = MessageDigest.getInstance("SHA-256");
    }

    /** Gives the buffers back. */
    @TearDown(Level.Trial)
    public void release() {
        heap.release();
        direct.release();
        composite.release();
    }

    /** XXH3 of a direct buffer, as sockets give them. */
    @Benchmark
    public long xxh3() {
        return hashOf(direct);
    }

    /** XXH3 of a buffer on the heap. */
    @Benchmark
    public long xxh3Heap() {
        return hashOf(heap);
    }

    /** XXH3 of a buffer of two halves. */
    @Benchmark
    public long xxh3Composite() {
        return hashOf(composite);
    }

    /** SHA-256 of an array, its best case. */
    @Benchmark
    public byte[] sha256() throws DigestException {
        sha256.update(bytes);
        sha256.digest(digest, 0, digest.length);
        return digest;
    }

    /** SHA-256 of a direct buffer. */
    @Benchmark
    public byte[] sha256Direct() throws DigestException {
        sha256.update(direct.internalNioBuffer(0, size));
        sha256.digest(digest, 0, digest.length);
        return digest;
    }

    private long hashOf(ByteBuf buffer) {
        hash.of(buffer, 0, size);
        return hash.high() ^ hash.low();
    }
}
