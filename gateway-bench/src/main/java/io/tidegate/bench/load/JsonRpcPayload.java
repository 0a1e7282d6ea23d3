package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON-RPC 2.0 requests with a fresh numeric id; a reply is matched by its {@code id}.
 *
 * <p>An upstream that echoes the request is compared byte for byte without parsing; any other reply is parsed for its
 * top-level {@code id} and {@code error}.
 */
final class JsonRpcPayload implements Payload {

    private static final byte[] HEAD = "{\"jsonrpc\":\"2.0\",\"id\":".getBytes(US_ASCII);
    private static final byte[] MIDDLE = ",\"method\":\"echo\",\"params\":[\"".getBytes(US_ASCII);
    private static final byte[] TAIL = "\"]}".getBytes(US_ASCII);
    private static final int FILLER_AT = HEAD.length + MessageId.DIGITS + MIDDLE.length;

    /** The least size: a request whose parameter has a few letters. */
    static final int LEAST = FILLER_AT + 8 + TAIL.length;

    private static final ByteBuf HEAD_VIEW = view(HEAD);
    private static final ByteBuf MIDDLE_VIEW = view(MIDDLE);
    private static final ByteBuf TAIL_VIEW = view(TAIL);

    private final JsonFactory json = new JsonFactory();
    private final Filler filler;

    /**
     * Makes a payload.
     *
     * @param size bytes per message, at least {@link #LEAST}
     */
    JsonRpcPayload(int size) {
        this.filler = new Filler(size - FILLER_AT - TAIL.length);
    }

    @Override
    public int length() {
        return FILLER_AT + filler.length() + TAIL.length;
    }

    @Override
    public void fill(byte[] into, long id) {
        System.arraycopy(HEAD, 0, into, 0, HEAD.length);
        Digits.put(into, HEAD.length, id);
        System.arraycopy(MIDDLE, 0, into, HEAD.length + MessageId.DIGITS, MIDDLE.length);
        filler.fill(into, FILLER_AT, id);
        System.arraycopy(TAIL, 0, into, FILLER_AT + filler.length(), TAIL.length);
    }

    @Override
    public long read(ByteBuf from, int index, int length) {
        if (length == length() && at(HEAD_VIEW, from, index)) {
            int middle = index + HEAD.length + MessageId.DIGITS;
            if (at(MIDDLE_VIEW, from, middle)) {
                long id = Digits.get(from, index + HEAD.length);
                boolean echo = id != UNREADABLE
                        && filler.matches(from, index + FILLER_AT, id)
                        && at(TAIL_VIEW, from, index + FILLER_AT + filler.length());
                return echo ? id : UNREADABLE;
            }
        }
        return parse(ByteBufUtil.getBytes(from, index, length));
    }

    private long parse(byte[] reply) {
        long id = UNREADABLE;
        boolean result = false;
        boolean error = false;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), reply)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return UNREADABLE;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("id") && value == JsonToken.VALUE_NUMBER_INT) {
                    id = parser.getLongValue();
                }
                result |= name.equals("result");
                error |= name.equals("error");
                parser.skipChildren();
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                return UNREADABLE;
            }
        } catch (JacksonException notJson) {
            return UNREADABLE;
        }
        if (!MessageId.valid(id) || result == error) {
            return UNREADABLE; // an id that is not ours, or neither a result nor an error
        }
        return error ? -id : id;
    }

    private static boolean at(ByteBuf expected, ByteBuf from, int index) {
        return ByteBufUtil.equals(expected, 0, from, index, expected.capacity());
    }

    private static ByteBuf view(byte[] bytes) {
        return Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes));
    }
}
