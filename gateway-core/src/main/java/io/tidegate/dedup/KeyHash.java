package io.tidegate.dedup;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.security.SecureRandom;

/**
 * Makes a key of bytes: their XXH3 hash of 128 bits.
 *
 * <p>Two different byte strings have one key with a chance of 2<sup>-128</sup>, so among a million remembered keys a new
 * message is taken for a duplicate wrongly once in about 10<sup>32</sup>. XXH3 isn't a cryptographic hash: a seed that is drawn
 * anew in each process keeps collisions from being worked out beforehand, but it is no proof against somebody who could
 * see the hashes, which never leave the process. What such a collision could do in a window that several clients share, the
 * same bytes can do as well: have the later of two messages dropped.
 *
 * <p><b>Threads:</b> one at a time. <b>State:</b> the last key made. One object of 32 bytes is allocated per key, the library's
 * result. <b>Ownership:</b> buffers stay the caller's, their indexes are not moved.
 */
public final class KeyHash {

    /** The same for all of the process, as the same message must have one key wherever it comes in. */
    private static final Hasher128 SEEDED = Hashing.xxh3_128(new SecureRandom().nextLong());

    /** What fits in is copied and hashed at once; what doesn't goes through piece by piece. */
    private static final int SCRATCH_BYTES = 16 * 1024;

    /** The library reads arrays twice as fast as anything else, copying included. */
    private static final FastThreadLocal<byte[]> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[SCRATCH_BYTES];
        }
    };

    private final Hasher128 hasher;
    private long high;
    private long low;

    /**
     * Has the process's seed drawn, which reads from a device and so may block: to be called before the first key is made on
     * an event loop.
     */
    public static void drawSeed() {
        // That of the class, which is loaded now.
    }

    /** Seeded with this process's seed. */
    public KeyHash() {
        this(SEEDED);
    }

    KeyHash(Hasher128 hasher) {
        this.hasher = hasher;
    }

    /** Makes the key of {@code length} bytes of {@code bytes} from {@code offset} on. */
    public void of(byte[] bytes, int offset, int length) {
        set(hasher.hashBytesTo128Bits(bytes, offset, length));
    }

    /** Makes the key of {@code length} bytes of {@code buffer} from {@code index} on. */
    public void of(ByteBuf buffer, int index, int length) {
        if (buffer.hasArray()) {
            of(buffer.array(), buffer.arrayOffset() + index, length);
            return;
        }
        byte[] scratch = SCRATCH.get();
        if (length <= scratch.length) {
            buffer.getBytes(index, scratch, 0, length);
            of(scratch, 0, length);
            return;
        }
        HashStream128 stream = hasher.hashStream();
        for (int at = 0; at < length; at += scratch.length) {
            int step = Math.min(scratch.length, length - at);
            buffer.getBytes(index + at, scratch, 0, step);
            stream.putBytes(scratch, 0, step);
        }
        set(stream.get());
    }

    /** The upper half of the last key made. */
    public long high() {
        return high;
    }

    /** The lower half of the last key made. */
    public long low() {
        return low;
    }

    private void set(HashValue128 hash) {
        high = hash.getMostSignificantBits();
        low = hash.getLeastSignificantBits();
    }
}
