package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.Hashing;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyHashTest {

    /** What xxHash 0.8.3, the reference implementation, makes of the same bytes. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 99aa06d3014798d86001c324468d497f",
        "1, 0, 495b62073ef70ca44c5cca45d0f4811f",
        "3, 9e3779b185ebca8d, 1633503c3e90f5d8254fe445d5ecb3c4",
        "8, 0, 803c675a846cc6c256bb836ceb6d4baa",
        "9, 9e3779b185ebca8d, 0d778c7afe96e22b32a377590e6eb3d3",
        "16, 0, 650fe308c566747df853dd94614dfa07",
        "17, 9e3779b185ebca8d, f2a8e20a8a439f4e20e2c38ca80ab467",
        "128, 0, b4f87b99d2db8a511e04fad9f0cacb4d",
        "129, 9e3779b185ebca8d, 77411d75aa9fe7925bb32961f5c73d2b",
        "240, 0, de57aab31e77a2ff93e173833f75ab66",
        "241, 9e3779b185ebca8d, cd7b0050cb17ea6cf07787ac704f3881",
        "1024, 0, 4c17271c906df79223bc880ebf0d29c6",
        "1025, 9e3779b185ebca8d, 44e0308dcd6293552140326eb68d6f18",
        "10240, 0, 970a1f5fd7198cbc5990df86981d2ea6",
        "40000, 0, e63797e62e93a1cc310f9f4b252be598",
        "40000, 9e3779b185ebca8d, ed64635cb62ab157bf010f0e77e19f9f",
    })
    void isXxh3WhateverHoldsTheBytes(int length, String seed, String expected) {
        byte[] bytes = bytes(length);
        ByteBuf[] buffers = {
            Unpooled.wrappedBuffer(bytes),
            Unpooled.buffer().writeZero(5).writeBytes(bytes).skipBytes(5).slice(),
            Unpooled.directBuffer().writeBytes(bytes),
            Unpooled.directBuffer().writeZero(3).writeBytes(bytes).skipBytes(3),
            composite(bytes),
        };
        KeyHash hash = new KeyHash(Hashing.xxh3_128(Long.parseUnsignedLong(seed, 16)));
        for (ByteBuf buffer : buffers) {
            int index = buffer.readerIndex();

            hash.of(buffer, index, length);

            assertThat(hex(hash)).as("%s", buffer).isEqualTo(expected);
            assertThat(buffer.readerIndex()).isEqualTo(index);
            buffer.release();
        }
        hash.of(bytes, 0, length);
        assertThat(hex(hash)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 16_384, 16_385, 32_768, 70_000})
    void readsTheGivenRangeOnly(int length) {
        byte[] bytes = bytes(length + 20);
        KeyHash array = new KeyHash();
        array.of(bytes, 7, length);
        ByteBuf direct = Unpooled.directBuffer().writeBytes(bytes);
        KeyHash buffer = new KeyHash();

        buffer.of(direct, 7, length);

        assertThat(hex(buffer)).isEqualTo(hex(array));
        direct.release();
    }

    private static ByteBuf composite(byte[] bytes) {
        int cut = bytes.length / 3;
        CompositeByteBuf composite = Unpooled.compositeBuffer();
        composite.addComponent(true, Unpooled.directBuffer().writeBytes(bytes, 0, cut));
        composite.addComponent(true, Unpooled.buffer().writeBytes(bytes, cut, bytes.length - cut));
        return composite;
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + 7);
        }
        return bytes;
    }

    private static String hex(KeyHash hash) {
        return "%016x%016x".formatted(hash.high(), hash.low());
    }
}
