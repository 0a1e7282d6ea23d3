package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Letters that fill a message up to its size, shifted by the message's id: a message bearing another one's filler, or a
 * piece of its own in the wrong place, is found out.
 */
final class Filler {

    /** Prime, so that neighbouring ids and connections differ. */
    private static final int SHIFTS = 251;

    private final byte[] letters;
    private final ByteBuf view;
    private final int length;

    /**
     * Makes a filler.
     *
     * @param length bytes per message
     */
    Filler(int length) {
        this.length = length;
        this.letters = new byte[length + SHIFTS];
        int state = 1;
        for (int i = 0; i < letters.length; i++) {
            state = state * 1_103_515_245 + 12_345;
            letters[i] = (byte) ('a' + (state >>> 16) % 26);
        }
        this.view = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(letters));
    }

    /** Bytes per message. */
    int length() {
        return length;
    }

    /** Writes the filler of message {@code id}. */
    void fill(byte[] into, int at, long id) {
        System.arraycopy(letters, shift(id), into, at, length);
    }

    /** Whether the bytes from {@code index} are the filler of message {@code id}. */
    boolean matches(ByteBuf from, int index, long id) {
        return ByteBufUtil.equals(view, shift(id), from, index, length);
    }

    private static int shift(long id) {
        return (int) (id % SHIFTS);
    }
}
