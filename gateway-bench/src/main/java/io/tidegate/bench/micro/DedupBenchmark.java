package io.tidegate.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidegate.dedup.Dedup;
import io.tidegate.dedup.DedupConfig;
import io.tidegate.dedup.DedupGate;
import io.tidegate.dedup.DedupKey;
import io.tidegate.dedup.DedupWindow;
import java.time.Duration;
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

/** What a dedup check costs in a window that is full, so that each new key pushes the oldest one out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class DedupBenchmark {

    /** How many keys are remembered. */
    @Param({"1000", "1000000"})
    public int keys = 1000;

    private DedupWindow window;
    private DedupWindow shared;
    private DedupGate<ByteBuf> gate;
    private ByteBuf message;
    private long made;
    private long asked;

    /** Made by JMH. */
    @SuppressWarnings("NullAway.Init")
    public DedupBenchmark() {}

    /** Fills both windows, and goes round once more. */
    @Setup(Level.Trial)
    public void prepare() {
        DedupConfig config = new DedupConfig(Duration.ofDays(1), keys);
        window = DedupWindow.create(config);
        shared = DedupWindow.shared(config);
        for (int i = 0; i < 2 * keys; i++) {
            checkShared();
        }
        for (int i = 0; i < 2 * keys; i++) {
            check();
        }
        gate = Dedup.of(config, DedupKey.content()).within(window).gate();
        message = PooledByteBufAllocator.DEFAULT.directBuffer(128).writeZero(128);
    }

    /** Gives the message back. */
    @TearDown(Level.Trial)
    public void release() {
        message.release();
    }

    /** A new key: reserve and commit. */
    @Benchmark
    public boolean check() {
        long key = ++made;
        return window.commit(window.reserve(scatter(key), scatter(~key)));
    }

    /** A new key in a window for any number of threads. */
    @Benchmark
    public boolean checkShared() {
        long key = ++made;
        return shared.commit(shared.reserve(scatter(key), scatter(~key)));
    }

    /** A key that is remembered, any of them. */
    @Benchmark
    public long duplicate() {
        long key = made - (scatter(++asked) >>> 1) % keys;
        return window.reserve(scatter(key), scatter(~key));
    }

    /** A new message of 128 bytes: key, reserve, commit. */
    @Benchmark
    public long message() {
        message.setLong(0, ++made);
        long admission = gate.admit(message);
        gate.end(admission, true);
        return admission;
    }

    /** A bijection whose values look random (the finaliser of SplitMix64). */
    private static long scatter(long value) {
        long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
