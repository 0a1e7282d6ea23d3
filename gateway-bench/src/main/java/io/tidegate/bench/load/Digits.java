package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;

/** Ids as decimal digits, without garbage. */
final class Digits {

    private Digits() {}

    /** Writes an id as {@link MessageId#DIGITS} digits. */
    static void put(byte[] into, int at, long id) {
        long rest = id;
        for (int i = at + MessageId.DIGITS - 1; i >= at; i--) {
            long next = rest / 10;
            into[i] = (byte) ('0' + (rest - next * 10));
            rest = next;
        }
    }

    /** Reads {@link MessageId#DIGITS} digits; {@link Payload#UNREADABLE} when they are no id. */
    static long get(ByteBuf from, int at) {
        long id = 0;
        for (int i = at; i < at + MessageId.DIGITS; i++) {
            int digit = from.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return Payload.UNREADABLE;
            }
            id = id * 10 + digit;
        }
        return MessageId.valid(id) ? id : Payload.UNREADABLE;
    }
}
