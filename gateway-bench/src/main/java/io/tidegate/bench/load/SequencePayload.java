package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;

/** The plain payload: the id in digits, then filler. */
final class SequencePayload implements Payload {

    /** The least size: an id and enough filler to prove it unharmed. */
    static final int LEAST = MessageId.DIGITS + 8;

    private final Filler filler;

    /**
     * Makes a payload.
     *
     * @param size bytes per message, at least {@link #LEAST}
     */
    SequencePayload(int size) {
        this.filler = new Filler(size - MessageId.DIGITS);
    }

    @Override
    public int length() {
        return MessageId.DIGITS + filler.length();
    }

    @Override
    public void fill(byte[] into, long id) {
        Digits.put(into, 0, id);
        filler.fill(into, MessageId.DIGITS, id);
    }

    @Override
    public long read(ByteBuf from, int index, int length) {
        if (length != length()) {
            return UNREADABLE;
        }
        long id = Digits.get(from, index);
        return id != UNREADABLE && filler.matches(from, index + MessageId.DIGITS, id) ? id : UNREADABLE;
    }
}
