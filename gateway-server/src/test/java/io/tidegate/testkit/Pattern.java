package io.tidegate.testkit;

import java.util.zip.CRC32C;

/**
 * An endless, reproducible stream of bytes that look random: payloads of any size without holding them, the same in sender and receiver.
 *
 * @param seed two patterns with one seed are the same bytes
 */
public record Pattern(long seed) {

    /** {@code length} bytes from {@code offset} on. */
    public byte[] bytes(long offset, int length) {
        byte[] bytes = new byte[length];
        fill(offset, bytes, 0, length);
        return bytes;
    }

    public byte[] bytes(int length) {
        return bytes(0, length);
    }

    public void fill(long offset, byte[] into, int from, int length) {
        long word = 0;
        for (int i = 0; i < length; i++) {
            long at = offset + i;
            if (i == 0 || (at & 7) == 0) {
                word = mix(seed + (at >>> 3) * 0x9E3779B97F4A7C15L);
            }
            into[from + i] = (byte) (word >>> (8 * (at & 7)));
        }
    }

    /** CRC-32C of {@code length} bytes from {@code offset} on, as {@link Frame#crc} has it. */
    public long crc(long offset, long length) {
        CRC32C crc = new CRC32C();
        byte[] chunk = new byte[64 * 1024];
        for (long at = 0; at < length; at += chunk.length) {
            int size = (int) Math.min(chunk.length, length - at);
            fill(offset + at, chunk, 0, size);
            crc.update(chunk, 0, size);
        }
        return crc.getValue();
    }

    /** The finaliser of SplitMix64. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
