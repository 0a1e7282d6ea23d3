package io.tidegate.server.prologue;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.PointerScanner;
import io.tidegate.json.ScanLimits;
import io.tidegate.json.ScanStatus;
import org.jspecify.annotations.Nullable;

/** Finds what a message is about, where the rule of a prologue says. Reads no further than it must. */
final class SubjectReader {

    // No bound for the bytes, as limits for messages hold before.
    private static final ScanLimits LIMITS = new ScanLimits(512, Integer.MAX_VALUE, 256);

    private final JsonPointer at;
    private final @Nullable JsonPointer key;
    private final PointerScanner scanner = new PointerScanner(LIMITS);
    private final byte[] found = new byte[scanner.maxKeyBytes()];

    SubjectReader(JsonPointer at, @Nullable JsonPointer key) {
        this.at = at;
        this.key = key;
    }

    /** What stands at the first place, or null: no text of at most 256 bytes. */
    @Nullable
    String at(ByteBuf payload) {
        int length = find(at, payload);
        return length == 0 ? null : new String(found, 1, length - 1, UTF_8);
    }

    /** What stands at the second place, and its type, or null. */
    @Nullable
    String key(ByteBuf payload) {
        int length = key == null ? 0 : find(key, payload);
        return length == 0 ? null : new String(found, 0, length, UTF_8);
    }

    private int find(JsonPointer pointer, ByteBuf payload) {
        return scanner.scan(pointer, payload) == ScanStatus.FOUND ? scanner.key(payload, found) : 0;
    }
}
